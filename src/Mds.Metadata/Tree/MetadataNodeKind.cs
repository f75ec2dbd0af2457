namespace Mds.Metadata;

/// <summary>The kinds of node.</summary>
public enum MetadataNodeKind
{
    /// <summary>A directory: it lists its entries and can be rendered recursively.</summary>
    Directory,

    /// <summary>A value or a list of values.</summary>
    Leaf,

    /// <summary>A leaf whose content depends on the request: <see cref="MetadataNode.Query"/> answers.</summary>
    Query,

    /// <summary>An access token of <see cref="MetadataNode.Account"/>: a credential answers, not the claims.</summary>
    AccessToken,

    /// <summary>An identity token of <see cref="MetadataNode.Account"/>: a credential answers, not the claims.</summary>
    IdentityToken,
}
