using Mds.Metadata;
using Microsoft.Extensions.Primitives;

namespace Mds.Server.Protocol;

/// <summary>
/// What a request must and must not carry. Together these rules keep a tricked proxy or browser from reading tokens:
/// neither sends <c>Metadata-Flavor</c>, and proxies give themselves away by <c>X-Forwarded-For</c>.
/// </summary>
internal static class RequestGuard
{
    /// <summary>Judges a request.</summary>
    /// <param name="path">Its path as sent.</param>
    /// <param name="headers">Its headers.</param>
    /// <param name="legacy">What becomes of the paths of old versions.</param>
    /// <param name="hosts">The hosts that it may name.</param>
    /// <returns>The refusal; <see langword="null"/> when the request may be answered.</returns>
    public static Refusal? Check(ReadOnlySpan<char> path, IHeaderDictionary headers, LegacyEndpoints legacy, AllowedHosts hosts)
    {
        if (headers.ContainsKey("X-Forwarded-For"))
        {
            return Refusal.ForwardedFor;
        }

        if (!hosts.Allow(headers.Host))
        {
            return Refusal.Host;
        }

        // The old versions never needed the header (observed 2018), and say that they are off to those without it.
        if (legacy != LegacyEndpoints.Gone && IsLegacy(path))
        {
            return legacy == LegacyEndpoints.Disabled ? Refusal.Legacy : null;
        }

        // The root is how clients find out where they are, most without the header (observed 2019-11).
        return path is not "/" && !IsGoogle(headers["Metadata-Flavor"]) ? Refusal.Flavor : null;
    }

    private static bool IsLegacy(ReadOnlySpan<char> path) =>
        path.StartsWith("/0.1/", StringComparison.Ordinal)
        || path.StartsWith("/computeMetadata/v1beta1/", StringComparison.Ordinal)
        || path is "/0.1" or "/computeMetadata/v1beta1";

    private static bool IsGoogle(StringValues flavor) => flavor.Count == 1 && flavor[0] == "Google";
}
