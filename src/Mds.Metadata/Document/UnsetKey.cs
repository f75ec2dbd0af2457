namespace Mds.Metadata;

/// <summary>
/// What a real server answers at a key that the document does not hold: it is listed and can be asked for, but recursion
/// leaves it out.
/// </summary>
internal sealed record UnsetKey
{
    /// <summary>A directory of keys that are themselves not set.</summary>
    public static readonly UnsetKey Directory = new();

    /// <summary>A leaf that says it was never configured.</summary>
    public static readonly UnsetKey NotConfigured = new() { Refusal = MetadataRefusal.NotConfigured };

    /// <summary>Why a leaf does not answer.</summary>
    public MetadataRefusal? Refusal { get; private init; }

    /// <summary>The text of a leaf that answers.</summary>
    public string? Text { get; private init; }

    /// <summary>The JSON of a node that answers.</summary>
    public string Json { get; private init; } = "{}";

    /// <summary>A leaf that answers.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="json">Its JSON.</param>
    public static UnsetKey Leaf(string text, string json) => new() { Text = text, Json = json };
}
