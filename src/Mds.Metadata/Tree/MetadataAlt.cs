namespace Mds.Metadata;

/// <summary>The form that a request asks for with <c>alt=</c>.</summary>
public enum MetadataAlt
{
    /// <summary>No form is asked for: the node's own (text for most leaves, JSON for recursion).</summary>
    Default,

    /// <summary><c>alt=json</c>.</summary>
    Json,

    /// <summary><c>alt=text</c>.</summary>
    Text,
}
