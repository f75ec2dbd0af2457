using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>Reads the parts every Kubernetes object has from its raw JSON.</summary>
public static class KubeJson
{
    /// <summary>The object's name; empty when it has none.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    public static string NameOf(JsonObject resource) => Metadata(resource, "name") ?? "";

    /// <summary>The object's namespace; null when it has none.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    public static string? NamespaceOf(JsonObject resource) => Metadata(resource, "namespace");

    /// <summary>The object's UID; empty when it has none.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    public static string UidOf(JsonObject resource) => Metadata(resource, "uid") ?? "";

    /// <summary>The object's resource version; empty when it has none.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    public static string ResourceVersionOf(JsonObject resource) => Metadata(resource, "resourceVersion") ?? "";

    /// <summary>The value of one of the object's labels, or null.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    /// <param name="key">The label's key.</param>
    public static string? LabelOf(JsonObject resource, string key) => TextOf(MetadataMap(resource, "labels")?[key]);

    /// <summary>The value of one of the object's annotations, or null.</summary>
    /// <param name="resource">A Kubernetes object.</param>
    /// <param name="key">The annotation's key.</param>
    public static string? AnnotationOf(JsonObject resource, string key) =>
        TextOf(MetadataMap(resource, "annotations")?[key]);

    /// <summary>The text of a JSON string; null for anything else.</summary>
    /// <param name="node">Any JSON value or null.</param>
    public static string? TextOf(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>Parses what should be a JSON object; null when it is not one.</summary>
    internal static JsonObject? TryParseObject(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Metadata(JsonObject resource, string key)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return TextOf((resource["metadata"] as JsonObject)?[key]);
    }

    private static JsonObject? MetadataMap(JsonObject resource, string key)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return (resource["metadata"] as JsonObject)?[key] as JsonObject;
    }
}
