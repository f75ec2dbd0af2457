using System.Text;
using Mds.Server.Protocol;

namespace Mds.Server.Telemetry;

/// <summary>
/// The target of a request as it may be shown: its path, and of its query the values of those parameters that metadata
/// servers have. What else a client sends may be anything, a secret too.
/// </summary>
internal static class ShownTarget
{
    private const string Hidden = "***";

    // metadata-server's own, those that Google's libraries send to it, and OS Login's.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "alt", "recursive", "wait_for_change", "last_etag", "timeout_sec",
        "audience", "format", "licenses", "scopes", "enforce_scopes", "transport", "binding-enforcement",
        "email", "gid", "groupname", "pagesize", "policy", "uid", "username",
    };

    /// <summary>Renders an address, whose query is shown as that of a target.</summary>
    /// <param name="address">The address.</param>
    public static string OfAddress(string address)
    {
        var query = address.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? address : address[..query] + Of(address[query..]);
    }

    /// <summary>Renders a target.</summary>
    /// <param name="rawTarget">The target as it was sent.</param>
    public static string Of(string rawTarget)
    {
        var target = RequestTarget.Parse(rawTarget);
        if (target.Query.IsEmpty)
        {
            return target.Path.ToString();
        }

        var text = new StringBuilder().Append(target.Path);
        var separator = '?';
        foreach (var range in target.Query.Split('&'))
        {
            var pair = target.Query[range];
            var equals = pair.IndexOf('=');
            var name = (equals < 0 ? pair : pair[..equals]).ToString();
            text.Append(separator).Append(Harmless.Contains(name) ? pair : equals < 0 ? Hidden : $"{name}={Hidden}");
            separator = '&';
        }

        return text.ToString();
    }
}
