using System.Net;
using Mds.Server.Protocol;

namespace Mds.Server.Admin;

/// <summary>
/// Tells requests that a web page makes in the browser of this machine from those of programs. Pages of other sites give
/// themselves away by <c>Origin</c> and <c>Sec-Fetch-Site</c>, and pages of a name that was made to lead here (DNS
/// rebinding), which to the browser are this server's own, by <c>Host</c>.
/// </summary>
internal static class PageGuard
{
    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <returns>Why it is refused; <see langword="null"/> when it may be answered.</returns>
    public static string? Refuse(HttpRequest request)
    {
        if (request.Headers.ContainsKey("Origin"))
        {
            return "Requests of web pages, which have an Origin header, are refused.";
        }

        // "none" is somebody who typed the address.
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site != "none")
        {
            return "Requests of web pages, which have a Sec-Fetch-Site header, are refused.";
        }

        var host = AllowedHosts.WithoutPort(request.Headers.Host.ToString()).Trim("[]").TrimEnd('.').ToString();
        // No browser leaves it out.
        return host.Length == 0 || IPAddress.TryParse(host, out _) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            ? null
            : $"Requests must name this server by its address or as localhost, not as \"{host}\": a web page could have been led here.";
    }
}
