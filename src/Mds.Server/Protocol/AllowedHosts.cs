using System.Collections.Frozen;
using System.Net;

namespace Mds.Server.Protocol;

/// <summary>
/// The names and addresses that a request may call this server by. A web page whose own name is made to resolve to this
/// server (DNS rebinding) gives itself away here: the browser sends that page's name.
/// </summary>
internal sealed class AllowedHosts
{
    private readonly FrozenSet<string> _hosts;
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    /// <summary>Allows some hosts.</summary>
    /// <param name="hosts">Names and addresses, without ports; none for every host.</param>
    public AllowedHosts(IEnumerable<string> hosts)
    {
        _hosts = hosts.Select(host => Normalize(host)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _lookup = _hosts.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Every host, as a real server: no check was ever seen of one.</summary>
    public static AllowedHosts Any { get; } = new([]);

    /// <summary>Whether a request may name this host.</summary>
    /// <param name="host">
    /// The header: a name or an address, with a port or without, a name with a last dot or without; empty when there is none.
    /// </param>
    public bool Allow(ReadOnlySpan<char> host)
    {
        if (_hosts.Count == 0)
        {
            return true;
        }

        var bare = WithoutPort(host);
        // Most clients send it as it was given here, which costs no memory to see.
        return !bare.IsEmpty && (_lookup.Contains(bare) || _hosts.Contains(Normalize(bare)));
    }

    /// <summary>The host that a header names.</summary>
    /// <param name="host">The header.</param>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var colon = host.LastIndexOf(':');
        // A bare IPv6 address, which no client sends, has colons of its own.
        return colon < 0 || colon < host.LastIndexOf(']') || (host.IndexOf(':') != colon && host[0] != '[') ? host : host[..colon];
    }

    /// <summary>Addresses in their one spelling, names without the last dot that gcp-metadata and gRPC send.</summary>
    private static string Normalize(ReadOnlySpan<char> host)
    {
        var bare = host is ['[', .. var inner, ']'] ? inner : host;
        return IPAddress.TryParse(bare, out var address) ? address.ToString() : bare.TrimEnd('.').ToString();
    }
}
