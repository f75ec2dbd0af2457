using System.Text.Json.Nodes;

namespace Mds.Operator.Admission;

/// <summary>
/// A JSON patch (RFC 6902) that can only add. On raw JSON and without <c>replace</c> and <c>remove</c> there is no way to
/// drop a field that this program does not know; webhooks that marshal typed pods have done so time and again.
/// </summary>
internal sealed class AddPatch
{
    /// <summary>The operations so far.</summary>
    public JsonArray Operations { get; } = [];

    /// <summary>Adds an object's member (its value is replaced if it is there), or an array's element.</summary>
    /// <param name="path">An RFC 6901 pointer; names from outside go through <see cref="Escape"/> first.</param>
    /// <param name="value">The value.</param>
    public void Add(string path, JsonNode value) =>
        Operations.Add((JsonNode)new JsonObject { ["op"] = "add", ["path"] = path, ["value"] = value });

    /// <summary>A member's name as a pointer writes it.</summary>
    /// <param name="name">The name.</param>
    public static string Escape(string name) =>
        name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
