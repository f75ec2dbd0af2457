using System.Text.Json.Nodes;
using Mds.Operator.Api;
using YamlDotNet.Serialization;

namespace Mds.Operator.Tests.Deploy;

/// <summary>The files that users apply, against the operator that reads them.</summary>
public sealed class DeployFilesTests
{
    [Theory]
    [InlineData("emulator.yaml")]
    [InlineData("emulator-key.yaml")]
    [InlineData("emulator-shared.yaml")]
    [InlineData("emulator-federation.yaml")]
    [InlineData("emulator-impersonation.yaml")]
    [InlineData("emulator-local.yaml")]
    [InlineData("emulator-tpm.yaml")]
    public void Emulators_OfTheSamples_HaveNoProblems(string file)
    {
        var raw = Objects(file).Single(o => (string)o["kind"]! == MetadataEmulator.Type.Kind);

        Assert.Empty(EmulatorReader.Read(raw).Problems);
    }

    [Fact]
    public async Task Arguments_OfTheChart_AreUnderstood()
    {
        var container = Objects("install.yaml").Single(o => (string)o["kind"]! == "Deployment")["spec"]!["template"]!["spec"]!["containers"]![0]!;
        var arguments = container["args"]!.AsArray().Select(argument => (string)argument!).ToArray();
        OperatorOptions? options = null;
        using var error = new StringWriter();

        var code = await CommandLine.InvokeAsync(
            arguments, variable => variable == "POD_NAMESPACE" ? "mds-system" : null, (given, _) => Run(given), TextWriter.Null, error);

        Assert.Equal((0, ""), (code, error.ToString()));
        Assert.Equal("mds-system", options!.Namespace);
        Assert.Equal((string)container["image"]!, options.ServerImage.Replace("mds-server", "mds-operator", StringComparison.Ordinal));
        Assert.Equal(
            ("mds-webhook", "mds", "mds-webhook-ca", "mds-operator"),
            (options.WebhookService, options.WebhookConfiguration, options.WebhookCaSecret, options.Lease));
        Assert.Equal([options.WebhookPort, options.MetricsPort], container["ports"]!.AsArray().Select(port => (int)port!["containerPort"]!));

        Task<int> Run(OperatorOptions given)
        {
            options = given;
            return Task.FromResult(0);
        }
    }

    private static IEnumerable<JsonObject> Objects(string file)
    {
        var yaml = File.ReadAllText(Path.Combine(Repository.Root, "deploy", file));
        var json = new SerializerBuilder().JsonCompatible().Build();
        var reader = new DeserializerBuilder().WithAttemptingUnquotedStringTypeDeserialization().Build();
        return yaml.Split("\n---\n")
            .Select(document => JsonNode.Parse(json.Serialize(reader.Deserialize<object?>(document))))
            .OfType<JsonObject>(); // without what is only a comment
    }
}
