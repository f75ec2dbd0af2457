using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataTreeTests
{
    private const string V1 = "/computeMetadata/v1/";

    [Theory]
    [InlineData("/", "0.1/\ncomputeMetadata/\n")]
    [InlineData("/computeMetadata/", "v1/\nv1beta1/\n")]
    [InlineData(V1, "instance/\noslogin/\nproject/\nuniverse/\n")]
    [InlineData(V1 + "project/project-id", "p1")]
    [InlineData(V1 + "project//project-id", "p1")]
    [InlineData(V1 + "instance/service-accounts/", "a@p1.iam.gserviceaccount.com/\ndefault/\n")]
    [InlineData(V1 + "instance/service-accounts/default/", "aliases\nemail\nidentity\nscopes\ntoken\n")]
    [InlineData(V1 + "instance/service-accounts/a@p1.iam.gserviceaccount.com/aliases", "default\n")]
    [InlineData(V1 + "instance/tags", "[]")]
    [InlineData(V1 + "instance/description", "")]
    [InlineData(V1 + "universe/universe-domain", "googleapis.com")]
    [InlineData(V1 + "universe/universe_domain", "googleapis.com")]
    public void Find_ShortDocument_AnswersWhatARealServerAlwaysHas(string path, string expected)
    {
        var tree = Build("""
            {"project": {"projectId": "p1"},
             "instance": {"serviceAccounts": {"default": {"email": "a@p1.iam.gserviceaccount.com"}}}}
            """);

        Assert.Equal(expected, Text(tree.Find(path)!.Render()));
    }

    [Fact]
    public void Find_WhatOnlyIdentityTokensSay_IsNowhereInTheTree()
    {
        var tree = Build("""{"instance": {"name": "web-1", "creationTimestamp": 1773144000, "confidentiality": 1}}""");

        Assert.Null(tree.Find(V1 + "instance/creation-timestamp"));
        Assert.DoesNotContain("confidentiality", Text(tree.Find(V1 + "instance/")!.Render()), StringComparison.Ordinal);
        Assert.DoesNotContain("1773144000", Text(tree.Find(V1)!.Render(recursive: true)), StringComparison.Ordinal);
        Assert.Equal("1773144000", tree.Claims.FindText("instance", "creationTimestamp"));
    }

    [Theory]
    [InlineData("[]", "{}", ScopeRule.Any)]
    [InlineData("[]", """{"enable-access-token-enforce-scopes": "TRUE"}""", ScopeRule.Any)]
    [InlineData("""["a"]""", "{}", ScopeRule.AccountUnlessEnforced)]
    [InlineData("""["a"]""", """{"enable-access-token-enforce-scopes": "FALSE"}""", ScopeRule.AccountUnlessEnforced)]
    [InlineData("""["a"]""", """{"enable-access-token-enforce-scopes": "TRUE"}""", ScopeRule.Enforced)]
    public void Find_Token_KnowsWhatScopesCountFor(string scopes, string attributes, ScopeRule expected)
    {
        var tree = Build($$$"""
            {"instance": {"serviceAccounts": {"default": {"email": "a@p1.test", "scopes": {{{scopes}}} } } },
             "project": {"attributes": {{{attributes}}} } }
            """);

        Assert.Equal(expected, tree.Find(V1 + "instance/service-accounts/default/token")!.Account!.ScopeRule);
    }

    [Theory]
    [InlineData(null, "instance")]
    [InlineData(null, "instance", "nothing", "here")]
    [InlineData("7", "instance", "id")]
    [InlineData("x", "instance", "tags", "0")]
    [InlineData(null, "instance", "tags", "1")]
    [InlineData(null, "instance", "tags", "-1")]
    public void FindText_Path_IsTheScalarThere(string? expected, params string[] path) =>
        Assert.Equal(expected, Build("""{"instance": {"id": 7, "tags": ["x"]}}""").Claims.FindText(path));

    internal static MetadataTree Build(string json) => MetadataTree.Build(Claims.Parse(Encoding.UTF8.GetBytes(json), "claims.json"));

    internal static string Text(MetadataRendering? rendering) => Encoding.UTF8.GetString(rendering!.Value.Body.Span);
}
