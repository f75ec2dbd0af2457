using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class DefinitionTests
{
    [Theory]
    [InlineData("mds.dev_metadataemulators.yaml")]
    [InlineData("mds.dev_metadataemulators-without-cel.yaml")]
    public void ChartsCopy_OfTheDefinition_IsTheGeneratedFile(string file)
    {
        // Copies, because `helm package` leaves out what is outside the chart.
        Golden.Verify($"charts/mds/files/{file}", Repository.Read($"crds/{file}"));
    }

    [Theory]
    [InlineData("1.24.17", "mds.dev_metadataemulators-without-cel.yaml")]
    [InlineData("1.25.0", "mds.dev_metadataemulators.yaml")]
    [InlineData("1.36.0", "mds.dev_metadataemulators.yaml")]
    public async Task Template_Definition_IsTheOneForTheCluster(string kubernetes, string file)
    {
        var rendered = (await Helm.TemplateAsync(kubernetes)).Single(o => o.Kind == "CustomResourceDefinition");
        var generated = Manifest.ParseAll(Repository.Read($"crds/{file}")).Single();

        Assert.Equal(generated.Name, rendered.Name);
        Assert.True(JsonNode.DeepEquals(generated["spec"], rendered["spec"]), "The definition's spec changed on its way through the template.");
    }

    [Fact]
    public async Task Template_Definition_IsKeptOnUninstallUnlessToldOtherwise()
    {
        Assert.Equal("keep", Policy(await Helm.TemplateAsync("1.36")));
        Assert.Null(Policy(await Helm.TemplateAsync("1.36", "--set", "crds.keep=false")));
        Assert.DoesNotContain(await Helm.TemplateAsync("1.36", "--set", "crds.enabled=false"), o => o.Kind == "CustomResourceDefinition");

        static string? Policy(IReadOnlyList<Manifest> objects) =>
            (string?)objects.Single(o => o.Kind == "CustomResourceDefinition")["metadata"]["annotations"]?["helm.sh/resource-policy"];
    }

    [Fact]
    public async Task Template_Definition_FitsKubectlsAnnotation()
    {
        // `kubectl apply` keeps the whole object in an annotation of at most 262144 bytes.
        var rendered = (await Helm.TemplateAsync("1.36")).Single(o => o.Kind == "CustomResourceDefinition");

        Assert.InRange(Encoding.UTF8.GetByteCount(rendered.Content.ToJsonString()), 1000, 200_000);
    }
}
