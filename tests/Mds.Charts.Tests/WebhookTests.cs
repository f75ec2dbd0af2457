using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class WebhookTests
{
    [Fact]
    public async Task Webhook_ByDefault_AsksOnlyAboutLabelledPodsAndHoldsThemBack()
    {
        var webhook = await WebhookAsync("1.36");

        Assert.Equal("""{"matchLabels":{"mds.inject":"true"}}""", webhook["objectSelector"]!.ToJsonString());
        Assert.Equal("Fail", (string)webhook["failurePolicy"]!);
        Assert.Equal("IfNeeded", (string)webhook["reinvocationPolicy"]!);
        Assert.Equal("None", (string)webhook["sideEffects"]!);
        Assert.Equal(5, (int)webhook["timeoutSeconds"]!);
        var rule = Assert.Single(webhook["rules"]!.AsArray())!;
        Assert.Equal("""["CREATE"]["pods"]["v1"]""", rule["operations"]!.ToJsonString() + rule["resources"]!.ToJsonString() + rule["apiVersions"]!.ToJsonString());
    }

    [Fact]
    public async Task Webhook_OwnPods_AreNeverAskedAbout()
    {
        var objects = await Helm.TemplateAsync("1.36");
        var pods = objects.Where(o => o.Kind is "Deployment" or "Pod")
            .Select(o => o.Kind == "Pod" ? o["metadata"] : o["spec"]["template"]!["metadata"]!);

        Assert.All(pods, pod => Assert.Null(pod["labels"]!["mds.inject"]));
    }

    [Theory]
    [InlineData("mds-system", new[] { "kube-node-lease", "kube-public", "kube-system", "mds-system" })]
    [InlineData("kube-system", new[] { "kube-node-lease", "kube-public", "kube-system" })]
    [InlineData("default", new[] { "kube-node-lease", "kube-public", "kube-system" })] // where `helm install` puts it beside the user's pods
    public async Task Webhook_Namespaces_ExcludeTheClustersAndItsOwn(string release, string[] expected)
    {
        var webhook = await WebhookAsync("1.36", "--namespace", release);
        var byName = Expression(webhook, "kubernetes.io/metadata.name");

        Assert.Equal("NotIn", (string)byName["operator"]!);
        Assert.Equal(expected, byName["values"]!.AsArray().Select(value => (string)value!).Order());
        Assert.Equal("""["disabled"]""", Expression(webhook, "mds.dev/webhook")["values"]!.ToJsonString());
    }

    [Theory]
    [InlineData("1.29.9", false)]
    [InlineData("1.30.0", true)]
    public async Task Webhook_MatchConditions_AreOnlyWhereTheyAreKnown(string kubernetes, bool expected)
    {
        Assert.Equal(expected, (await WebhookAsync(kubernetes))["matchConditions"] is not null);
    }

    private static JsonNode Expression(JsonNode webhook, string key) =>
        webhook["namespaceSelector"]!["matchExpressions"]!.AsArray().Single(expression => (string)expression!["key"]! == key)!;

    private static async Task<JsonNode> WebhookAsync(string kubernetes, params IEnumerable<string> arguments)
    {
        var configuration = (await Helm.TemplateAsync(kubernetes, arguments)).Single(o => o.Kind == "MutatingWebhookConfiguration");
        return Assert.Single(configuration["webhooks"].AsArray())!;
    }
}
