using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Api;

public sealed class CustomResourceDefinitionTests
{
    [Theory]
    [InlineData("crds/mds.dev_metadataemulators.yaml")]
    [InlineData("crds/mds.dev_metadataemulators-without-cel.yaml", "--without-cel")]
    public async Task Crd_CommandLine_PrintsTheCommittedFile(string file, params string[] options)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();

        var code = await CommandLine.InvokeAsync(["crd", .. options], _ => null, (_, _) => Task.FromResult(1), output, error);

        Assert.Equal(0, code);
        Assert.Empty(error.ToString());
        Golden.Verify(file, output.ToString());
    }

    [Fact]
    public void Build_WithoutCel_HasNoRules() =>
        Assert.DoesNotContain("x-kubernetes-validations", CustomResourceDefinition.Build(cel: false).ToJsonString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Build_EveryField_IsDescribedAndBounded(bool cel)
    {
        var schema = CustomResourceDefinition.Build(cel)["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!;
        var gaps = new List<string>();

        Walk(schema["properties"]!["spec"]!.AsObject(), "spec", described: true, gaps);
        Walk(schema["properties"]!["status"]!.AsObject(), "status", described: true, gaps);

        Assert.Empty(gaps);
    }

    private static void Walk(JsonObject schema, string path, bool described, List<string> gaps)
    {
        if (described && schema["description"] is null && !path.Contains(".tolerations", StringComparison.Ordinal)
            && !path.Contains(".imagePullSecrets", StringComparison.Ordinal))
        {
            gaps.Add($"{path} has no description.");
        }

        switch ((string?)schema["type"])
        {
            case "string" when schema["maxLength"] is null && schema["enum"] is null:
                gaps.Add($"{path} has no maxLength.");
                break;
            case "array":
                if (schema["maxItems"] is null || schema["x-kubernetes-list-type"] is null)
                {
                    gaps.Add($"{path} has no maxItems or no list type.");
                }

                Walk(schema["items"]!.AsObject(), $"{path}[]", described: false, gaps);
                break;
            case "object":
                foreach (var (name, field) in schema["properties"] as JsonObject ?? [])
                {
                    Walk(field!.AsObject(), $"{path}.{name}", described: true, gaps);
                }

                break;
        }
    }
}
