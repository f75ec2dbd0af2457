using System.Text;
using Mds.Metadata.Tests.Tree;

namespace Mds.Metadata.Tests.Document;

public sealed class ServiceAccountsTests
{
    private const string Full = """{"aliases":["default"],"email":"a@p1.test","scopes":["s1"]}""";
    private const string Filled = """{"aliases":["default"],"email":"a@p1.test","scopes":["https://www.googleapis.com/auth/cloud-platform"]}""";

    [Theory]
    [InlineData("""{"default": {"email": "a@p1.test", "scopes": ["s1"]}}""", Full)]
    [InlineData("""{"a@p1.test": {"scopes": ["s1"]}}""", Full)]
    [InlineData("""{"default": {"scopes": ["s1"]}, "a@p1.test": {"scopes": ["s1"]}}""", Full)]
    [InlineData("""{"default": {"email": "a@p1.test"}}""", Filled)]
    [InlineData("""{"a@p1.test": {}}""", Filled)]
    public void Parse_OneAccountInAnyForm_StandsUnderBothNames(string accounts, string expected)
    {
        var claims = Parse(accounts);

        Assert.Equal($$"""{"a@p1.test":{{expected}},"default":{{expected}}}""", Recursive(claims));
        Assert.Equal("a@p1.test", claims.FindAccountEmail("default"));
    }

    [Fact]
    public void Parse_TwoAccounts_TheOneThatSaysSoIsTheDefault()
    {
        var claims = Parse("""{"b@p1.test": {}, "a@p1.test": {"aliases": ["default"]}}""");

        Assert.Equal("a@p1.test", claims.FindAccountEmail("default"));
        Assert.Contains("\"b@p1.test\":{\"aliases\":[],", Recursive(claims), StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_NoAccount_HasNone()
    {
        var claims = Parse("{}");

        Assert.Equal("{}", Recursive(claims));
        Assert.Null(claims.FindAccountEmail("default"));
        Assert.Null(MetadataTree.Build(claims).Find("/computeMetadata/v1/instance/service-accounts/default/"));
    }

    [Fact]
    public void Build_NoAccount_IdentityOfDefaultIsThereWithoutAnAccountToAnswerIt()
    {
        var node = MetadataTree.Build(Parse("{}")).Find("/computeMetadata/v1/instance/service-accounts/default/identity");

        Assert.Equal(MetadataNodeKind.IdentityToken, node!.Kind);
        Assert.Empty(node.Account!.Names);
    }

    [Theory]
    [InlineData("default/token", "default a@p1.test")]
    [InlineData("a@p1.test/identity", "a@p1.test default")]
    [InlineData("b@p1.test/token", "b@p1.test")]
    public void Build_TokenNode_CarriesItsOwnNameFirstAndItsTwin(string path, string names)
    {
        var tree = MetadataTree.Build(Parse("""{"default": {"email": "a@p1.test"}, "b@p1.test": {}}"""));

        Assert.Equal(names, string.Join(' ', tree.Find("/computeMetadata/v1/instance/service-accounts/" + path)!.Account!.Names));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"default": {}}""")]
    [InlineData("""{"default": {"email": "old@p1.test"}}""")]
    [InlineData("""{"old@p1.test": {}}""")]
    [InlineData("""{"a@p1.test": {}}""")]
    public void WithAccountEmail_Default_ReplacesTheEmailInBothPlaces(string accounts) =>
        Assert.Equal(
            $$"""{"a@p1.test":{{Filled}},"default":{{Filled}}}""",
            Recursive(Parse(accounts).WithAccountEmail("default", "a@p1.test")));

    [Fact]
    public void WithAccountEmail_EmailOfTheDefaultAccount_MovesDefaultToo()
    {
        var claims = Parse("""{"default": {"email": "old@p1.test"}}""").WithAccountEmail("old@p1.test", "a@p1.test");

        Assert.Equal($$"""{"a@p1.test":{{Filled}},"default":{{Filled}}}""", Recursive(claims));
    }

    [Fact]
    public void WithAccountEmail_AnotherAccount_LeavesTheDefaultAlone()
    {
        var claims = Parse("""{"default": {"email": "a@p1.test"}}""").WithAccountEmail("b@p1.test", "b@p1.test");

        Assert.Equal("a@p1.test", claims.FindAccountEmail("default"));
        Assert.Equal("b@p1.test", claims.FindAccountEmail("b@p1.test"));
    }

    private static Claims Parse(string accounts) =>
        Claims.Parse(Encoding.UTF8.GetBytes($$$"""{"instance": {"serviceAccounts": {{{accounts}}} } }"""), "claims.json");

    private static string Recursive(Claims claims) => MetadataTreeTests.Text(
        MetadataTree.Build(claims).Find("/computeMetadata/v1/instance/service-accounts/")!.Render(recursive: true));
}
