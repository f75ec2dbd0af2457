using System.Text;

namespace Mds.Metadata.Tests.Document;

/// <summary>Every way in which a document can be wrong, with what is said about it.</summary>
public sealed class ClaimsErrorTests
{
    [Theory]
    [InlineData("", 1, 1, "$", "The document is empty. A JSON object is expected.")]
    [InlineData(" \n ", 1, 1, "$", "The document is empty. A JSON object is expected.")]
    [InlineData("[]", 1, 1, "$", "Found an array, expected an object.")]
    [InlineData("\"claims\"", 1, 1, "$", "Found a string, expected an object.")]
    [InlineData("null", 1, 1, "$", "Found null, expected an object.")]
    [InlineData("""{"instance": []}""", 1, 14, "$.instance", "Found an array, expected an object.")]
    [InlineData("""{"instance": {"id": {}}}""", 1, 21, "$.instance.id", "Found an object, expected a whole number or a string.")]
    [InlineData("""{"instance": {"id": 4.52e+18}}""", 1, 21, "$.instance.id",
        "Found the number 4.52e+18, expected a whole number or a string. Write all its digits; put them in quotes where a tool rounds big numbers.")]
    [InlineData("""{"instance": {"name": 7}}""", 1, 23, "$.instance.name", "Found the number 7, expected a string. Write \"7\" in quotes.")]
    [InlineData("""{"instance": {"preempted": false}}""", 1, 28, "$.instance.preempted",
        "Found the boolean false, expected a string. Write \"FALSE\" in quotes.")]
    [InlineData("""{"instance": {"zone": null}}""", 1, 23, "$.instance.zone", "Found null, expected a string.")]
    [InlineData("""{"instance": {"tags": "web"}}""", 1, 23, "$.instance.tags", "Found a string, expected an array of strings.")]
    [InlineData("""{"instance": {"tags": ["web", 1]}}""", 1, 31, "$.instance.tags[1]", "Found the number 1, expected a string. Write \"1\" in quotes.")]
    [InlineData("""{"instance": {"disks": {}}}""", 1, 24, "$.instance.disks", "Found an object, expected an array.")]
    [InlineData("""{"instance": {"disks": [{"index": "first"}]}}""", 1, 35, "$.instance.disks[0].index", "Found a string, expected a whole number.")]
    [InlineData("""{"instance": {"attributes": {"enable-oslogin": true}}}""", 1, 48, "$.instance.attributes['enable-oslogin']",
        "Found the boolean true, expected a string. Write \"TRUE\" in quotes.")]
    [InlineData("""{"instance": {"serviceAccounts": {"default": {"scopes": "a b"}}}}""", 1, 57,
        "$.instance.serviceAccounts.default.scopes", "Found a string, expected an array of strings.")]
    [InlineData("""{"instance": {"serviceAccounts": {"default": {"token": "t"}}}}""", 1, 56,
        "$.instance.serviceAccounts.default.token", "Tokens are not claims. Configure a credential for the account instead.")]
    [InlineData("""{"project": {"numericProjectId": "my-project"}}""", 1, 34, "$.project.numericProjectId", "Found a string, expected a whole number.")]
    [InlineData("""{"project": {"projectId": "a", "projectId": "b"}}""", 1, 32, "$.project.projectId",
        "The key \"projectId\" stands twice in the same object. Keep one of the two.")]
    [InlineData("""{"project": {"projectId": "a", "project-id": "b"}}""", 1, 32, "$.project['project-id']",
        "Another key of the same object is served at \"project-id\" too. Keep one of the two.")]
    [InlineData("""{"universe": {"universeDomain": "a b"}}""", 1, 33, "$.universe.universeDomain",
        "\"a b\" is not a domain. Give one as in \"googleapis.com\".")]
    [InlineData("""{"own": {"a/b": 1}}""", 1, 10, "$.own['a/b']",
        "A key that is empty or holds a slash, a line end or another control character cannot be listed or asked for. Choose another name.")]
    [InlineData("""{"own": {"": 1}}""", 1, 10, "$.own['']",
        "A key that is empty or holds a slash, a line end or another control character cannot be listed or asked for. Choose another name.")]
    [InlineData("""{"instance": {"serviceAccounts": {"default": {"email": "a@p.test\n"}}}}""", 1, 56,
        "$.instance.serviceAccounts.default.email", "An e-mail address that holds a slash, a line end or another control character cannot be listed or asked for. Correct it.")]
    [InlineData("""{"instance": {"serviceAccounts": {"default": {"email": "default/token"}}}}""", 1, 56,
        "$.instance.serviceAccounts.default.email", "An e-mail address that holds a slash, a line end or another control character cannot be listed or asked for. Correct it.")]
    [InlineData("""{"own": {"it's": "\ud800"}}""", 1, 18, @"$.own['it\'s']",
        "A text holds bytes that are not UTF-8 or half of a surrogate pair. Write it as valid Unicode.")]
    [InlineData("""{"computeMetadata": {}}""", 1, 21, "$.computeMetadata", "The key \"v1\" is missing; it holds the claims.")]
    [InlineData("""{"computeMetadata": {"v1": {}}, "project": {}}""", 1, 33, "$.project",
        "Only \"computeMetadata\" may stand here. Move this key into computeMetadata.v1.")]
    [InlineData("""{"computeMetadata": {"v1": {"instance": {"name": 7}}}}""", 1, 50, "$.computeMetadata.v1.instance.name",
        "Found the number 7, expected a string. Write \"7\" in quotes.")]
    public void Parse_BadDocument_SaysWhereAndWhat(string json, int line, int column, string path, string message)
    {
        var error = Assert.Single(ErrorsOf(json));

        Assert.Equal(new ClaimsError(line, column, path, message), error);
    }

    [Theory]
    [InlineData("{\"instance\": {\n  \"name\": \"x\",\n}}", 3, 1)]
    [InlineData("{\"instance\": ", 1, 14)]
    [InlineData("{'instance': {}}", 1, 2)]
    [InlineData("{} {}", 1, 4)]
    [InlineData("// no comments\n{}", 1, 1)]
    public void Parse_NotJson_SaysWhereItStopsBeingJson(string json, int line, int column)
    {
        var error = Assert.Single(ErrorsOf(json));

        Assert.StartsWith("The document is not valid JSON: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("LineNumber", error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.Line, error.Column));
    }

    [Fact]
    public void Parse_SeveralErrors_NamesAllInTheOrderOfTheDocument()
    {
        var errors = ErrorsOf("""
            {
              "instance": {
                "name": 1,
                "name": 2,
                "description": "Zürich", "tags": {}
              },
              "project": 3
            }
            """);

        Assert.Equal(
            [(3, 13, "$.instance.name"), (4, 5, "$.instance.name"), (5, 38, "$.instance.tags"), (7, 14, "$.project")],
            errors.Select(e => (e.Line, e.Column, e.JsonPath)));
    }

    [Fact]
    public void Parse_BytesThatAreNotUtf8_SaysSo()
    {
        byte[] document = [.. "{\"own\": \""u8, 0xFF, .. "\"}"u8];

        var error = Assert.Single(Assert.Throws<ClaimsException>(() => Claims.Parse(document, "claims.json")).Errors);

        Assert.Equal("$.own", error.JsonPath);
        Assert.Contains("UTF-8", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Message_BadDocument_NamesSourcePositionAndPath()
    {
        var exception = Assert.Throws<ClaimsException>(
            () => Claims.Parse("{\n\"instance\": {\"id\": []}}"u8.ToArray(), "/etc/mds/claims.json"));

        Assert.Equal("/etc/mds/claims.json", exception.DocumentSource);
        Assert.Equal(
            "/etc/mds/claims.json: line 2, column 20, $.instance.id: Found an array, expected a whole number or a string.",
            exception.Message);
    }

    private static IReadOnlyList<ClaimsError> ErrorsOf(string json) =>
        Assert.Throws<ClaimsException>(() => Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json")).Errors;
}
