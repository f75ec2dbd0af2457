using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Mds.Charts.Tests;

/// <summary>One Kubernetes object, as JSON.</summary>
internal sealed record Manifest(JsonObject Content)
{
    public string Kind => (string)Content["kind"]!;

    public string ApiVersion => (string)Content["apiVersion"]!;

    public string Name => (string)Content["metadata"]!["name"]!;

    public string? Namespace => (string?)Content["metadata"]!["namespace"];

    public JsonNode this[string field] => Content[field] ?? throw new KeyNotFoundException($"{Kind}/{Name} has no field {field}.");

    public override string ToString() => $"{Kind}/{Name}";

    public static IReadOnlyList<Manifest> ParseAll(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return [.. stream.Documents.Select(document => FromYaml(document.RootNode)).OfType<JsonObject>().Select(content => new Manifest(content))];
    }

    /// <summary>The node as if it had been read from JSON: numbers convert to whatever a test wants.</summary>
    public static JsonNode? FromYaml(YamlNode node) => JsonNode.Parse(ToJson(node)?.ToJsonString() ?? "null");

    private static JsonNode? ToJson(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(
            mapping.Children.Select(pair => KeyValuePair.Create(((YamlScalarNode)pair.Key).Value!, ToJson(pair.Value)))),
        YamlSequenceNode sequence => new JsonArray([.. sequence.Children.Select(ToJson)]),
        YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "null" or "~" } => null,
        YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } scalar => scalar.Value == "true",
        YamlScalarNode { Style: ScalarStyle.Plain } scalar when long.TryParse(scalar.Value, CultureInfo.InvariantCulture, out var number) => number,
        YamlScalarNode scalar => scalar.Value,
        _ => throw new InvalidOperationException($"YAML of kind {node.NodeType} is not expected here."),
    };
}
