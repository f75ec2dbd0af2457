namespace Mds.Metadata;

/// <summary>A row of the table of known keys.</summary>
/// <param name="Path">Its spelling in a path.</param>
/// <param name="Shape">What it holds.</param>
internal sealed record KnownKey(string Path, Shape Shape)
{
    private ClaimValue? _default;

    /// <summary>Its spelling in JSON: lowerCamelCase but for a few keys.</summary>
    public string Json { get; init; } = KeyName.ToJson(Path);

    /// <summary>A second spelling that answers in paths but is not listed.</summary>
    public string? Alias { get; init; }

    /// <summary>What a real server has there when nothing was set, as JSON; <see langword="null"/> when the key is then absent.</summary>
    public string? Default { get; init; }

    /// <summary>Whether no path leads to it and recursion leaves it out: a real server says it in identity tokens only.</summary>
    public bool IsHidden { get; init; }

    /// <summary>What is answered, and left out of recursion, when the key is absent.</summary>
    public UnsetKey? Unset { get; init; }

    /// <summary><see cref="Default"/> with the defaults inside it.</summary>
    public ClaimValue? DefaultValue => _default ??= Default is null ? null : ClaimsSchema.Complete(Default, Shape);

    /// <summary>Whether a credential answers instead of the document.</summary>
    public bool IsDynamic => Shape.Kind is ShapeKind.AccessToken or ShapeKind.IdentityToken;
}
