namespace Mds.Charts.Tests;

public sealed class RenderingTests
{
    public static TheoryData<string, string> Renderings => new()
    {
        { "default", "1.20" }, { "default", "1.36" }, { "full", "1.20" }, { "full", "1.36" },
    };

    [Theory]
    [MemberData(nameof(Renderings))]
    public async Task Template_OldestAndNewestKubernetes_IsGolden(string values, string kubernetes)
    {
        var output = await Helm.RunAsync(
            ["template", "mds", Helm.Chart, "--namespace", "mds-system", "--kube-version", kubernetes, .. Values(values)]);

        // The definition itself is compared by DefinitionTests; here it would only hide the rest.
        Golden.Verify($"tests/Mds.Charts.Tests/Golden/{values}-{kubernetes}.yaml", WithoutDefinition(output.Succeeded()));
    }

    [Theory]
    [InlineData("default")]
    [InlineData("full")]
    public async Task Lint_Strict_FindsNothing(string values)
    {
        // `helm lint` cannot be told of --api-versions, which the ServiceMonitor of the full values needs.
        string[] unlintable = values == "full" ? ["--set", "prometheus.serviceMonitor.enabled=false"] : [];
        var output = await Helm.RunAsync(["lint", Helm.Chart, "--strict", .. ValueFile(values), .. unlintable]);

        Assert.DoesNotContain("[WARNING]", output.Succeeded());
    }

    [Theory]
    [InlineData("1.20.2", "policy/v1beta1")]
    [InlineData("1.21.0", "policy/v1")]
    [InlineData("1.27.3-gke.100", "policy/v1")]
    public async Task Template_PodDisruptionBudget_HasTheVersionTheClusterServes(string kubernetes, string expected)
    {
        var budget = Assert.Single(await Helm.TemplateAsync(kubernetes), o => o.Kind == "PodDisruptionBudget");

        Assert.Equal(expected, budget.ApiVersion);
    }

    [Fact]
    public async Task Template_KubernetesTooOld_IsRefused()
    {
        var said = (await Helm.RunAsync("template", "mds", Helm.Chart, "--kube-version", "1.19.16")).Refused();

        Assert.Contains(">=1.20.0-0", said);
    }

    [Fact]
    public async Task Template_Twice_IsTheSame()
    {
        // Nothing is generated in templates: a GitOps tool that renders again must see no difference.
        var first = await Helm.RunAsync("template", "mds", Helm.Chart);
        var second = await Helm.RunAsync("template", "mds", Helm.Chart);

        Assert.Equal(first.Succeeded(), second.Succeeded());
        Assert.DoesNotContain("caBundle:", first.Text);
    }

    private static string[] Values(string values) =>
        values == "full" ? [.. ValueFile(values), "--api-versions", "monitoring.coreos.com/v1"] : [];

    private static string[] ValueFile(string values) =>
        values == "full" ? ["--values", Path.Combine(Helm.Chart, "ci", "full-values.yaml")] : [];

    private static string WithoutDefinition(string rendered) =>
        string.Join("---\n", rendered.Split("---\n").Where(document => !document.Contains("# Source: mds/templates/crd.yaml")));
}
