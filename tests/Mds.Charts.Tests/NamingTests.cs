using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class NamingTests
{
    private static readonly string s_long = new string('a', 52) + "-" + new string('b', 10);

    [Theory]
    [InlineData("mds", "mds")]
    [InlineData("my-mds", "my-mds")]
    [InlineData("google", "google-mds")]
    public async Task Template_ReleaseName_BeginsTheNames(string release, string expected)
    {
        var output = await Helm.RunAsync("template", release, Helm.Chart);
        var objects = Manifest.ParseAll(output.Succeeded());

        Assert.Equal(expected, objects.Single(o => o.Kind == "MutatingWebhookConfiguration").Name);
        Assert.Equal($"{expected}-operator", objects.Single(o => o.Kind == "Deployment").Name);
        Assert.Contains(objects, o => o.Kind == "Service" && o.Name == $"{expected}-webhook");
        Assert.Contains(objects, o => o.Kind == "Secret" && o.Name == $"{expected}-webhook-ca");
    }

    [Theory]
    [InlineData("nameOverride")]
    [InlineData("fullnameOverride")]
    public async Task Template_LongNames_AreCutTo63AndStayApart(string value)
    {
        var objects = await Helm.TemplateAsync("1.36", "--set", $"{value}={s_long}");

        Assert.All(objects.Where(o => o.Kind != "CustomResourceDefinition"), o =>
        {
            Assert.InRange(o.Name.Length, 1, 63);
            Assert.False(o.Name.EndsWith('-'), o.Name);
            Assert.All(Labels(o), label => Assert.InRange(label.Length, 1, 63));
        });
        Assert.Equal(objects.Count, objects.Select(o => (o.Kind, o.Namespace, o.Name)).Distinct().Count());
    }

    [Fact]
    public async Task Template_NamesOfDigits_StayStrings()
    {
        var output = await Helm.RunAsync(
            "template", "1", Helm.Chart, "--namespace", "2", "--set-string", "fullnameOverride=3,nameOverride=4,namespaceOverride=5");

        Assert.All(Manifest.ParseAll(output.Succeeded()), o =>
        {
            Assert.Equal(System.Text.Json.JsonValueKind.String, o["metadata"]["name"]!.GetValueKind());
            Assert.True(o.Namespace is null or "5", $"{o} is in namespace {o.Namespace}");
        });
    }

    [Fact]
    public async Task Template_Namespace_IsOnEveryObjectThatHasOne()
    {
        string[] clusterWide = ["ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "MutatingWebhookConfiguration"];
        var objects = await Helm.TemplateAsync("1.36", "--namespace", "elsewhere");

        Assert.All(objects, o => Assert.Equal(clusterWide.Contains(o.Kind) ? null : "elsewhere", o.Namespace));
        Assert.All(
            objects.Where(o => o.Kind.EndsWith("RoleBinding", StringComparison.Ordinal)),
            o => Assert.Equal("elsewhere", (string)o["subjects"][0]!["namespace"]!));
    }

    [Fact]
    public async Task Template_Selectors_AreOfTheLabelsThatNeverChange()
    {
        var objects = await Helm.TemplateAsync("1.36", "--set-string", "commonLabels.team=a,podLabels.tier=b");
        string[] stable = ["app.kubernetes.io/component", "app.kubernetes.io/instance", "app.kubernetes.io/name"];

        var deployment = objects.Single(o => o.Kind == "Deployment");
        var selectors = objects.Where(o => o.Kind == "Service").Select(o => o["spec"]["selector"]!.AsObject())
            .Append(deployment["spec"]["selector"]!["matchLabels"]!.AsObject());

        Assert.All(selectors, selector =>
        {
            Assert.Equal(stable, selector.Select(label => label.Key).Order());
            Assert.All(selector, label => Assert.Equal(
                (string)label.Value!, (string)deployment["spec"]["template"]!["metadata"]!["labels"]![label.Key]!));
        });
    }

    private static IEnumerable<string> Labels(Manifest manifest) =>
        (manifest["metadata"]["labels"] as JsonObject ?? []).Select(label => (string)label.Value!);
}
