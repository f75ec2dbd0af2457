using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Mds.Metadata;

/// <summary>What a value of the claims document must be and how it is served.</summary>
internal sealed class Shape
{
    public static readonly Shape Text = new(ShapeKind.Text);

    /// <summary>Text that addresses are made of.</summary>
    public static readonly Shape HostName = new(ShapeKind.Text) { IsHostName = true };

    /// <summary>Text that is the name of a key besides.</summary>
    public static readonly Shape Name = new(ShapeKind.Text) { IsName = true };

    public static readonly Shape Integer = new(ShapeKind.Integer);
    public static readonly Shape IntegerOrText = new(ShapeKind.IntegerOrText);
    public static readonly Shape List = new(ShapeKind.List);
    public static readonly Shape JsonList = new(ShapeKind.JsonList);
    public static readonly Shape Json = new(ShapeKind.Json);
    public static readonly Shape AccessToken = new(ShapeKind.AccessToken);
    public static readonly Shape IdentityToken = new(ShapeKind.IdentityToken);

    /// <summary>Anything, where keys written in camelCase stand in paths in kebab-case, as Google's own do.</summary>
    public static readonly Shape Any = new(ShapeKind.Any);

    /// <summary>Anything, where keys stand in paths as they are.</summary>
    public static readonly Shape AnyVerbatim = new(ShapeKind.Any) { Verbatim = true };

    private FrozenDictionary<string, KnownKey> _keysByPath = FrozenDictionary<string, KnownKey>.Empty;

    private Shape(ShapeKind kind) => Kind = kind;

    public ShapeKind Kind { get; }

    /// <summary>The known keys of an object.</summary>
    public ImmutableArray<KnownKey> Keys { get; private init; } = [];

    /// <summary>What each entry of a map or an array is.</summary>
    public Shape? Item { get; private init; }

    /// <summary>What stands for an entry's name in <see cref="MetadataNode.Template"/>.</summary>
    public string Placeholder { get; private init; } = "{key}";

    /// <summary>Whether text has to be the name of a host.</summary>
    public bool IsHostName { get; private init; }

    /// <summary>Whether text has to be fit for a path.</summary>
    public bool IsName { get; private init; }

    /// <summary>Whether names are served exactly as the document writes them.</summary>
    public bool Verbatim { get; private init; }

    public static Shape Object(params ImmutableArray<KnownKey> keys) => new(ShapeKind.Object)
    {
        Keys = keys,
        _keysByPath = keys.ToFrozenDictionary(key => key.Path, StringComparer.Ordinal),
    };

    public static Shape Map(Shape item, string placeholder = "{key}") =>
        new(ShapeKind.Map) { Item = item, Placeholder = placeholder, Verbatim = true };

    public static Shape Array(Shape item) => new(ShapeKind.Array) { Item = item, Placeholder = "{index}" };

    /// <summary>
    /// The row for a key of the document. <c>projectId</c>, <c>project-id</c> and <c>project_id</c> (the spelling of the
    /// Cloud Run emulator's file) are the same known key.
    /// </summary>
    public KnownKey? Find(string name) =>
        _keysByPath.GetValueOrDefault(KeyName.ToPath(name))
        ?? (name.Contains('_', StringComparison.Ordinal)
            ? _keysByPath.GetValueOrDefault(name.Replace('_', '-'))
            : null);

    /// <summary>The path segment that a key gets, once its known keys have their JSON spelling.</summary>
    public string PathName(string name) =>
        Find(name)?.Path ?? (Verbatim ? name : KeyName.ToPath(name));
}
