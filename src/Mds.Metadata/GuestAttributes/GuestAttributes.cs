using System.Collections.Immutable;
using System.Text;

namespace Mds.Metadata;

/// <summary>
/// What programs on the machine write under <c>instance/guest-attributes/</c>. It is part of the tree like everything
/// else: each write is another tree. Writes are kept beside the claims, so that a reload of those loses none; they last
/// as long as the process.
/// </summary>
/// <param name="store">Serves the trees; nobody else replaces them.</param>
/// <param name="flavor">Whose trees they are.</param>
public sealed class GuestAttributes(MetadataStore store, MetadataFlavor flavor = MetadataFlavor.GCE)
{
    /// <summary>The most that all namespaces, keys and values may take together, in bytes: Google's limit as far as is known.</summary>
    public const int MaximumSize = 256 * 1024;

    /// <summary>The most that there may be: a bound of this server's own, far above what programs are known to write.</summary>
    public const int MaximumCount = 1000;

    private readonly Lock _gate = new();
    private ImmutableDictionary<GuestAttributeName, string?> _written = ImmutableDictionary<GuestAttributeName, string?>.Empty;
    private ImmutableHashSet<GuestAttributeName> _given = NamesIn(store.Current.Claims);

    /// <summary>Whether they may be read and written: the attribute <c>enable-guest-attributes</c> of instance or project.</summary>
    public bool IsEnabled => store.Current.GuestAttributesEnabled;

    /// <summary>Serves other claims from now on, with what was written laid over them.</summary>
    public void Serve(Claims claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        lock (_gate)
        {
            var tree = MetadataTree.Build(claims.WithGuestAttributes(_written), flavor);
            _given = NamesIn(claims);
            store.Replace(tree);
        }
    }

    /// <summary>Writes an attribute.</summary>
    /// <returns>Whether there was room for it; if not, nothing changed.</returns>
    public bool Put(GuestAttributeName name, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        lock (_gate)
        {
            var before = store.Current.Claims.GuestAttributes.Count();
            var claims = store.Current.Claims.WithGuestAttributes([KeyValuePair.Create(name, (string?)value)]);
            var (count, size) = claims.GuestAttributes.Aggregate(
                (Count: 0, Size: 0L), (sum, attribute) => (sum.Count + 1, sum.Size + SizeOf(attribute)));
            if (size > MaximumSize || (count > before && count > MaximumCount))
            {
                return false;
            }

            Keep(name, value, claims);
            return true;
        }
    }

    /// <summary>Deletes an attribute.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Delete(GuestAttributeName name)
    {
        lock (_gate)
        {
            var claims = store.Current.Claims;
            if (!claims.GuestAttributes.Any(attribute => attribute.Key == name))
            {
                return false;
            }

            Keep(name, null, claims.WithGuestAttributes([KeyValuePair.Create(name, (string?)null)]));
            return true;
        }
    }

    private void Keep(GuestAttributeName name, string? value, Claims claims)
    {
        // Only what the claims give has to be remembered as deleted; all other names would pile up.
        _written = value is null && !_given.Contains(name) ? _written.Remove(name) : _written.SetItem(name, value);
        store.Replace(MetadataTree.Build(claims, flavor));
    }

    private static ImmutableHashSet<GuestAttributeName> NamesIn(Claims claims) =>
        [.. claims.GuestAttributes.Select(attribute => attribute.Key)];

    private static long SizeOf(KeyValuePair<GuestAttributeName, string> attribute) =>
        Encoding.UTF8.GetByteCount(attribute.Key.Namespace)
        + Encoding.UTF8.GetByteCount(attribute.Key.Key)
        + Encoding.UTF8.GetByteCount(attribute.Value);
}
