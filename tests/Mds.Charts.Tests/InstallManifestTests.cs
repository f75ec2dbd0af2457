namespace Mds.Charts.Tests;

public sealed class InstallManifestTests
{
    [Fact]
    public async Task InstallManifest_InDeploy_IsTheRenderedChart()
    {
        var output = await Helm.RunAsync(
            "template", "mds", Helm.Chart, "--namespace", "mds-system", "--kube-version", "1.36.0", "--skip-tests",
            "--values", Repository.PathOf("deploy/install.values.yaml"));

        Golden.Verify("deploy/install.yaml", Header + output.Succeeded());
    }

    [Fact]
    public void InstallManifest_NamespaceAndDefinition_ComeBeforeWhatNeedsThem()
    {
        var kinds = Manifest.ParseAll(Repository.Read("deploy/install.yaml")).Select(o => o.Kind).ToList();

        Assert.Equal("Namespace", kinds[0]);
        Assert.True(kinds.IndexOf("ServiceAccount") < kinds.IndexOf("Deployment"), string.Join(' ', kinds));
        Assert.DoesNotContain("Pod", kinds);
    }

    private const string Header =
        "# MDS for Kubernetes 1.30 and newer without Helm: kubectl apply -f deploy/install.yaml\n" +
        "# Rendered from charts/mds with deploy/install.values.yaml; a test keeps it so. Older clusters: use Helm.\n";
}
