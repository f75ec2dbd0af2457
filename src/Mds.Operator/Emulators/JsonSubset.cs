using System.Text.Json.Nodes;

namespace Mds.Operator.Emulators;

/// <summary>Whether an object already is as it is to be.</summary>
internal static class JsonSubset
{
    /// <summary>
    /// Whether <paramref name="whole"/> has everything <paramref name="part"/> has. Objects may have more fields (defaults,
    /// other managers' own); lists must be of the same length, item by item. A quantity the server writes another way
    /// (<c>1000m</c> is <c>1</c>) counts as different.
    /// </summary>
    public static bool Contains(JsonNode? whole, JsonNode? part) => (whole, part) switch
    {
        (JsonObject fields, JsonObject wanted) => wanted.All(field => Contains(fields[field.Key], field.Value)),
        (JsonArray items, JsonArray wanted) =>
            items.Count == wanted.Count && wanted.Zip(items).All(pair => Contains(pair.Second, pair.First)),
        // The server leaves empty objects and lists out.
        (null, JsonObject { Count: 0 } or JsonArray { Count: 0 }) => true,
        _ => JsonNode.DeepEquals(whole, part),
    };
}
