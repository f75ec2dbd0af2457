using System.Globalization;
using System.Text.Json.Nodes;

namespace Mds.Operator.Tests.Admission;

/// <summary>Applies an RFC 6902 patch of <c>add</c> operations, as the API server does; anything else fails.</summary>
internal static class AddPatchApplier
{
    /// <summary>The patched document; the given one stays as it is.</summary>
    public static JsonObject Apply(JsonObject document, JsonArray patch)
    {
        var result = document.DeepClone().AsObject();
        foreach (var operation in patch)
        {
            Assert.Equal("add", (string?)operation!["op"]);
            Add(result, (string)operation["path"]!, operation["value"]!.DeepClone());
        }

        return result;
    }

    private static void Add(JsonObject root, string path, JsonNode value)
    {
        var names = path.Split('/')[1..].Select(n => n.Replace("~1", "/").Replace("~0", "~")).ToArray();
        JsonNode parent = root;
        foreach (var name in names[..^1])
        {
            parent = (parent is JsonArray array ? array[int.Parse(name, CultureInfo.InvariantCulture)] : parent[name])
                ?? throw new InvalidOperationException($"{path}: nothing is at {name} to add to.");
        }

        switch (parent)
        {
            case JsonObject members:
                members[names[^1]] = value;
                break;
            case JsonArray elements when names[^1] == "-":
                elements.Add(value);
                break;
            case JsonArray elements:
                elements.Insert(int.Parse(names[^1], CultureInfo.InvariantCulture), value);
                break;
            default:
                throw new InvalidOperationException($"{path}: its parent is no object and no array.");
        }
    }
}
