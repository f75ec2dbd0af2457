using System.Text;
using Mds.Metadata.Tests.Tree;

namespace Mds.Metadata.Tests.Document;

public sealed class ClaimsTests
{
    [Theory]
    [InlineData("""{"project": {"projectId": "p1", "numericProjectId": 123}}""")]
    [InlineData("""{"computeMetadata": {"v1": {"project": {"projectId": "p1", "numericProjectId": 123}}}}""")]
    [InlineData("""{"project": {"project_id": "p1", "numeric_project_id": "123"}, "instance": {"region": "us-west1"}}""")]
    [InlineData("""{"project": {"project-id": "p1", "numeric-project-id": 123}}""")]
    [InlineData("\ufeff{\"project\": {\"projectId\": \"p1\", \"numericProjectId\": \"123\"}}")]
    public void Parse_EachFormOfTheDocument_IsTheSameProject(string json)
    {
        var claims = Parse(json);

        Assert.Equal(("p1", "123"), (claims.ProjectId, claims.NumericProjectId));
        Assert.Equal("""{"attributes":{},"numericProjectId":123,"projectId":"p1"}""", Recursive(claims, "project/"));
    }

    [Fact]
    public void Parse_CloudRunEmulatorsFile_MakesRegionAndZoneInTheRealForm()
    {
        const string Json = """{"instance": {"region": "us-west1"}, "project": {"numeric_project_id": "330612842442", "project_id": "p1"}}""";
        var claims = Parse(Json);

        Assert.Equal("projects/330612842442/regions/us-west1", Text(claims, "instance/region"));
        Assert.Equal("projects/330612842442/zones/us-west1-1", Text(claims, "instance/zone"));
        Assert.Equal("abc", Text(claims.AsCloudRunInstance("abc"), "instance/id"));
    }

    [Fact]
    public void Parse_CloudRunEmulatorsFileWithIdAndZone_KeepsThem()
    {
        var claims = Parse("""
            {"instance": {"id": "0123abcd", "region": "us-west1", "zone": "projects/1/zones/z"},
             "project": {"project_id": "p1", "numeric_project_id": "1"}}
            """);

        Assert.Equal("0123abcd", Text(claims, "instance/id"));
        Assert.Equal("projects/1/zones/z", Text(claims, "instance/zone"));
    }

    [Theory]
    [InlineData("4520031799277581759", "4520031799277581759")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("\"4520031799277581759\"", "4520031799277581759")]
    [InlineData("98765432109876543210987654321", "98765432109876543210987654321")]
    public void Parse_BigInstanceId_StaysExactInTextAndJson(string written, string digits)
    {
        var claims = Parse($$"""{"instance": {"id": {{written}} } }""");

        Assert.Equal(digits, Text(claims, "instance/id"));
        Assert.Contains($"\"id\":{digits},", Recursive(claims, "instance/"), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_InterfaceWithoutExternalAddress_AnswersItEmpty()
    {
        var claims = Parse("""{"instance": {"networkInterfaces": [{"ip": "10.0.0.2"}, {"accessConfigs": []}]}}""");

        Assert.Equal("", Text(claims, "instance/network-interfaces/0/access-configs/0/external-ip"));
        Assert.Equal("", Text(claims, "instance/network-interfaces/0/forwarded-ips/"));
        Assert.Equal("", Text(claims, "instance/network-interfaces/1/access-configs/"));
    }

    [Fact]
    public void Parse_UniverseInCamelCase_IsServedAndRenderedWithItsDash()
    {
        var claims = Parse("""{"universe": {"universeDomain": "example.test"}}""");

        Assert.Equal("example.test", Text(claims, "universe/universe-domain"));
        Assert.Equal("""{"universe-domain":"example.test"}""", Recursive(claims, "universe/"));
    }

    [Fact]
    public void WithProject_OtherValues_ReplaceAndLeaveTheFirstClaimsAlone()
    {
        var claims = Parse("""{"project": {"projectId": "p1", "numericProjectId": 1}}""");

        var changed = claims.WithProjectId("p2").WithNumericProjectId("2");

        Assert.Equal("""{"attributes":{},"numericProjectId":2,"projectId":"p2"}""", Recursive(changed, "project/"));
        Assert.Equal("""{"attributes":{},"numericProjectId":1,"projectId":"p1"}""", Recursive(claims, "project/"));
    }

    [Fact]
    public void WithNumericProjectId_NoDigits_Throws() =>
        Assert.Throws<ArgumentException>(() => Parse("{}").WithNumericProjectId("p1"));

    private static Claims Parse(string json) => Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json");

    private static string Text(Claims claims, string path) =>
        MetadataTreeTests.Text(MetadataTree.Build(claims).Find("/computeMetadata/v1/" + path)!.Render());

    private static string Recursive(Claims claims, string path) =>
        MetadataTreeTests.Text(MetadataTree.Build(claims).Find("/computeMetadata/v1/" + path)!.Render(recursive: true));
}
