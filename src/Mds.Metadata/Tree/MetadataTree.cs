using System.Buffers;
using System.Collections.Frozen;

namespace Mds.Metadata;

/// <summary>Everything that a metadata server answers, by path. Immutable: a change is another tree.</summary>
public sealed class MetadataTree
{
    private readonly FrozenDictionary<string, MetadataNode>.AlternateLookup<ReadOnlySpan<char>> _nodes;

    private MetadataTree(Claims claims, MetadataFlavor flavor, FrozenDictionary<string, MetadataNode> nodes)
    {
        Claims = claims;
        HasGuestAttributes = flavor == MetadataFlavor.GCE;
        GuestAttributesEnabled = HasGuestAttributes && claims.GuestAttributesEnabled;
        LegacyEndpoints = flavor == MetadataFlavor.GCE ? claims.LegacyEndpoints : LegacyEndpoints.Gone;
        OsLoginSessions = flavor == MetadataFlavor.GCE && claims.OsLoginEnabled ? new OsLoginSessions(claims.Root.Find("oslogin")!) : null;
        Paths = nodes.Keys;
        _nodes = nodes.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>The claims that the tree was built from.</summary>
    public Claims Claims { get; }

    /// <summary>Whether there are guest attributes, switched on or off: other flavors than Compute Engine's know none.</summary>
    public bool HasGuestAttributes { get; }

    /// <summary>Whether programs on the machine may read and write guest attributes.</summary>
    public bool GuestAttributesEnabled { get; }

    /// <summary>The second factors of OS Login; <see langword="null"/> where that is switched off.</summary>
    public OsLoginSessions? OsLoginSessions { get; }

    /// <summary>What becomes of the paths of old versions.</summary>
    public LegacyEndpoints LegacyEndpoints { get; }

    /// <summary>Every node by its path, without trailing slashes, in the order of the paths.</summary>
    public IEnumerable<KeyValuePair<string, MetadataNode>> Nodes =>
        Paths.Order(StringComparer.Ordinal).Select(path => KeyValuePair.Create(path, _nodes[path]));

    /// <summary>The path of every node, without trailing slashes, in no order; the root is the empty string.</summary>
    internal IReadOnlyList<string> Paths { get; }

    /// <summary>Builds the tree of a claims document, with every rendering made.</summary>
    /// <param name="claims">The document.</param>
    /// <param name="flavor">Whose tree it is: others than Compute Engine's have less of the document.</param>
    public static MetadataTree Build(Claims claims, MetadataFlavor flavor = MetadataFlavor.GCE)
    {
        ArgumentNullException.ThrowIfNull(claims);
        return new MetadataTree(claims, flavor, MetadataTreeBuilder.Build(claims, flavor));
    }

    /// <summary>Finds the node at a path, without allocating.</summary>
    /// <param name="path">
    /// The path of a request, such as <c>/computeMetadata/v1/instance/id</c>; names are case-sensitive, several slashes
    /// count as one.
    /// </param>
    /// <returns>
    /// The node; a directory also without its trailing slash (see <see cref="MetadataNode.IsDirectory"/>: such a request
    /// is redirected). <see langword="null"/> when there is none, or when a slash follows a leaf.
    /// </returns>
    public MetadataNode? Find(ReadOnlySpan<char> path) =>
        path.Contains("//", StringComparison.Ordinal) ? FindCollapsed(path) : FindExact(path);

    private MetadataNode? FindExact(ReadOnlySpan<char> path)
    {
        var slash = path.EndsWith('/');
        return _nodes.TryGetValue(slash ? path[..^1] : path, out var node) && (!slash || node.IsDirectory) ? node : null;
    }

    private MetadataNode? FindCollapsed(ReadOnlySpan<char> path)
    {
        var rented = ArrayPool<char>.Shared.Rent(path.Length);
        var length = 0;
        foreach (var c in path)
        {
            if (c != '/' || length == 0 || rented[length - 1] != '/')
            {
                rented[length++] = c;
            }
        }

        var node = FindExact(rented.AsSpan(0, length));
        ArrayPool<char>.Shared.Return(rented);
        return node;
    }
}
