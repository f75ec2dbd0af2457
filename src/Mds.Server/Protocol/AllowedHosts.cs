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

    /// <summary>Allows some hosts.</summary>
    /// <param name="hosts">Names and addresses, without ports; none for every host.</param>
    public AllowedHosts(IEnumerable<string> hosts) =>
        _hosts = hosts.Select(Normalize).ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Every host, as a real server: no check was ever seen of one.</summary>
    public static AllowedHosts Any { get; } = new([]);

    /// <summary>Whether a request may name this host.</summary>
    /// <param name="host">The header: a name or an address, with a port or without, a name with a last dot or without.</param>
    public bool Allow(string? host) => _hosts.Count == 0 || (host is not null && _hosts.Contains(Normalize(WithoutPort(host))));

    private static string WithoutPort(string host)
    {
        var colon = host.LastIndexOf(':');
        // A bare IPv6 address, which no client sends, has colons of its own.
        return colon < 0 || colon < host.LastIndexOf(']') || (host.IndexOf(':') != colon && host[0] != '[') ? host : host[..colon];
    }

    /// <summary>Addresses in their one spelling, names without the last dot that gcp-metadata and gRPC send.</summary>
    private static string Normalize(string host)
    {
        var bare = host is ['[', .. var inner, ']'] ? inner : host;
        return IPAddress.TryParse(bare, out var address) ? address.ToString() : bare.TrimEnd('.');
    }
}
