using System.Text.Json.Nodes;

namespace Mds.Kubernetes.Tests;

/// <summary>Small objects to put into an API server.</summary>
internal static class Objects
{
    public static ResourceType LimitRanges { get; } = new("", "v1", "limitranges", "LimitRange");

    public static JsonObject ConfigMap(string ns, string name, params (string Key, string Value)[] data)
    {
        var values = new JsonObject();
        foreach (var (key, value) in data)
        {
            values[key] = value;
        }

        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
            ["data"] = values,
        };
    }

    public static JsonObject LimitRange(string ns, string name) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "LimitRange",
        ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
        ["spec"] = new JsonObject { ["limits"] = new JsonArray() },
    };

    public static JsonObject Labelled(this JsonObject resource, string key, string value)
    {
        resource["metadata"]!["labels"] = new JsonObject { [key] = value };
        return resource;
    }

    public static string? Datum(JsonObject? configMap, string key) => KubeJson.TextOf(configMap?["data"]?[key]);
}
