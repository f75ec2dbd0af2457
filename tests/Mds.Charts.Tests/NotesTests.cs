namespace Mds.Charts.Tests;

public sealed class NotesTests
{
    [Fact]
    public async Task Notes_ByDefault_SayTheNextCommandAndWarnOfNothing()
    {
        var notes = await NotesAsync("--namespace", "mds-system");

        Assert.Contains("kubectl --namespace mds-system rollout status deployment/mds-operator", notes);
        Assert.Contains("helm --namespace mds-system test mds", notes);
        Assert.Contains("kind: MetadataEmulator", notes);
        Assert.Contains("mds.inject=true", notes);
        Assert.DoesNotContain("WARNING", notes);
    }

    [Theory]
    [InlineData("replicaCount=1", "replicaCount is 1")]
    [InlineData("webhook.failurePolicy=Ignore", "webhook.failurePolicy is Ignore")]
    [InlineData("podDisruptionBudget.enabled=false", "podDisruptionBudget.enabled is false")]
    [InlineData("rbac.create=false", "rbac.create is false")]
    public async Task Notes_ValuesThatCostReliability_AreWarnedOf(string set, string warning)
    {
        Assert.Contains($"WARNING: {warning}", await NotesAsync("--set", set));
    }

    private static async Task<string> NotesAsync(params IEnumerable<string> arguments)
    {
        string[] notes = ["--values", Repository.PathOf("tests/Mds.Charts.Tests/notes.values.yaml")];
        var objects = await Helm.TemplateAsync("1.36", [.. notes, .. arguments]);
        return (string)objects.Single(o => o.Kind == "ConfigMap")["data"]["notes"]!;
    }
}
