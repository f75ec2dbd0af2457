namespace Mds.Metadata;

/// <summary>Holds the tree that is served now.</summary>
public sealed class MetadataStore
{
    private volatile MetadataTree _current;

    /// <summary>Creates a store.</summary>
    /// <param name="tree">The tree that is served first.</param>
    public MetadataStore(MetadataTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _current = tree;
    }

    /// <summary>The tree that is served now. A request reads it once, so that it sees one state.</summary>
    public MetadataTree Current => _current;

    /// <summary>Serves another tree from now on.</summary>
    public void Replace(MetadataTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        _current = tree;
    }
}
