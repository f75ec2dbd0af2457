using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace Mds.Metadata;

/// <summary>
/// A node of the tree with its renderings. Immutable. The JSON of every node is a slice of one buffer that holds the
/// whole tree's JSON, so that a tree takes memory in proportion to its document.
/// </summary>
public sealed class MetadataNode
{
    private readonly ArrayBufferWriter<byte>? _document;
    private readonly int _start;
    private readonly int _length;
    private readonly byte[]? _text;
    private readonly string? _textETag;
    private readonly string? _jsonETag;

    // Made when somebody first asks for it, which few do; by two at once, it is the same twice.
    private volatile byte[]? _recursiveText;

    private MetadataNode(MetadataNodeKind kind, string template) => (Kind, Template) = (kind, template);

    private MetadataNode(
        MetadataNodeKind kind, string template, ArrayBufferWriter<byte> document, int start, byte[]? text)
        : this(kind, template)
    {
        (_document, _start, _text) = (document, start, text);
        _length = document.WrittenCount - start;
        _jsonETag = ETag.Of(document.WrittenSpan[start..]);
        _textETag = kind == MetadataNodeKind.Leaf ? _jsonETag : ETag.Of(text);
    }

    /// <summary>What kind of node it is.</summary>
    public MetadataNodeKind Kind { get; }

    /// <summary>
    /// The node's path with placeholders for what the user names (<c>{key}</c>, <c>{account}</c>, <c>{index}</c>): a
    /// label of few values for metrics.
    /// </summary>
    public string Template { get; }

    /// <summary>
    /// The ETag of everything that the node holds, in whichever form: that of a leaf and of a recursive rendering.
    /// <see langword="null"/> where nothing can be waited for: tokens, and the root.
    /// </summary>
    public string? ContentETag => _jsonETag;

    /// <summary>The account of a token node.</summary>
    public MetadataAccount? Account { get; private init; }

    /// <summary>What answers a node whose content depends on the request.</summary>
    public MetadataQuery? Query { get; private init; }

    /// <summary>Why the node does not answer, listed as it is; <see langword="null"/> when it does.</summary>
    public MetadataRefusal? Refusal { get; private init; }

    /// <summary>Whether the node is a directory.</summary>
    public bool IsDirectory => Kind == MetadataNodeKind.Directory;

    /// <summary>The entries of a directory that are rendered recursively, sorted by their JSON names.</summary>
    internal ImmutableArray<KeyValuePair<string, MetadataNode>> Entries { get; private init; } = [];

    /// <summary>Whether a leaf is JSON unless text is asked for.</summary>
    internal bool PrefersJson { get; private init; }

    /// <summary>Whether a leaf is a list, whose elements are lines.</summary>
    internal bool IsList { get; private init; }

    /// <summary>The text of a leaf or the listing of a directory.</summary>
    internal ReadOnlyMemory<byte> Text => _text ?? Json;

    private ReadOnlyMemory<byte> Json => _document is null ? default : _document.WrittenMemory.Slice(_start, _length);

    /// <summary>What the node answers.</summary>
    /// <param name="recursive">Whether <c>recursive=true</c> was asked for; it has no meaning on a leaf.</param>
    /// <param name="alt">The form asked for; on a directory it has a meaning with <paramref name="recursive"/> only.</param>
    /// <returns>
    /// The answer; <see langword="null"/> where a real server refuses with 400: a form for a plain listing, and any
    /// static rendering of a token. The same of a node with a <see cref="Refusal"/>.
    /// </returns>
    public MetadataRendering? Render(bool recursive = false, MetadataAlt alt = MetadataAlt.Default) =>
        (Kind, recursive, alt) switch
        {
            _ when Refusal is not null => null,
            // The root is the same to everybody: it answers without the required header and must not tell more.
            (MetadataNodeKind.Directory, _, _) when _document is null => Listing,
            (MetadataNodeKind.Directory, false, MetadataAlt.Default) => Listing,
            (MetadataNodeKind.Directory, false, _) => null,
            (MetadataNodeKind.Directory, true, MetadataAlt.Text) =>
                new(_recursiveText ??= TextRecursion.Render(this), MetadataRendering.TextType, _jsonETag),
            (MetadataNodeKind.Directory, true, _) => AsJson,
            (MetadataNodeKind.Leaf, _, MetadataAlt.Json) => AsJson,
            (MetadataNodeKind.Leaf, _, MetadataAlt.Default) when PrefersJson => AsJson,
            (MetadataNodeKind.Leaf, _, _) => new(Text, MetadataRendering.TextType, _textETag),
            _ => null,
        };

    /// <summary>Whether <see cref="Render"/> has only to hand out what is there; else it takes as long as the node is large.</summary>
    /// <param name="recursive">As there.</param>
    /// <param name="alt">As there.</param>
    public bool HasRendering(bool recursive, MetadataAlt alt) =>
        !(IsDirectory && recursive && alt == MetadataAlt.Text && _document is not null && _recursiveText is null);

    private MetadataRendering Listing => new(Text, MetadataRendering.TextType, _textETag);

    private MetadataRendering AsJson => new(Json, MetadataRendering.JsonType, _jsonETag);

    /// <summary>A directory that has a listing and nothing else.</summary>
    internal static MetadataNode ListingOnly(string template, string listing) => new(template, Encoding.UTF8.GetBytes(listing));

    /// <summary>A directory whose JSON was just written to <paramref name="document"/>.</summary>
    internal static MetadataNode Directory(
        string template,
        ArrayBufferWriter<byte> document,
        int start,
        string listing,
        ImmutableArray<KeyValuePair<string, MetadataNode>> entries) =>
        new(MetadataNodeKind.Directory, template, document, start, Encoding.UTF8.GetBytes(listing)) { Entries = entries };

    /// <summary>A leaf whose JSON was just written to <paramref name="document"/>.</summary>
    /// <param name="template">See <see cref="Template"/>.</param>
    /// <param name="document">The buffer of the whole tree's JSON.</param>
    /// <param name="start">Where the leaf's JSON begins in it.</param>
    /// <param name="text">The leaf's text; <see langword="null"/> when it is the JSON itself.</param>
    /// <param name="isList">Whether each line of the text is an element.</param>
    /// <param name="prefersJson">Whether the leaf is JSON unless text is asked for.</param>
    internal static MetadataNode Leaf(
        string template,
        ArrayBufferWriter<byte> document,
        int start,
        string? text,
        bool isList = false,
        bool prefersJson = false) =>
        new(MetadataNodeKind.Leaf, template, document, start, text is null ? null : Encoding.UTF8.GetBytes(text))
        {
            IsList = isList,
            PrefersJson = prefersJson,
        };

    /// <summary>A leaf that a credential answers.</summary>
    internal static MetadataNode Token(MetadataNodeKind kind, string template, MetadataAccount account) =>
        new(kind, template) { Account = account };

    /// <summary>A leaf whose content depends on the request.</summary>
    internal static MetadataNode Asked(string template, MetadataQuery query) =>
        new(MetadataNodeKind.Query, template) { Query = query };

    /// <summary>A node that is listed and does not answer.</summary>
    internal static MetadataNode Refused(MetadataNodeKind kind, string template, MetadataRefusal refusal) =>
        new(kind, template) { Refusal = refusal };

    private MetadataNode(string template, byte[] listing)
        : this(MetadataNodeKind.Directory, template) => _text = listing;
}
