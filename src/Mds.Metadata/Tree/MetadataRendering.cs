namespace Mds.Metadata;

/// <summary>A node's answer, ready to be sent.</summary>
/// <param name="Body">The bytes.</param>
/// <param name="ContentType">Their media type, without a charset: some clients compare the whole header.</param>
/// <param name="ETag">16 lowercase hexadecimal digits, unquoted; <see langword="null"/> where a real server sends none.</param>
public readonly record struct MetadataRendering(ReadOnlyMemory<byte> Body, string ContentType, string? ETag)
{
    /// <summary>The type of leaves and listings (observed 2019-11).</summary>
    public const string TextType = "application/text";

    /// <summary>The type of JSON.</summary>
    public const string JsonType = "application/json";
}
