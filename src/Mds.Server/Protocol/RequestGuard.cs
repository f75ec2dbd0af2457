using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>
/// What a request must and must not carry. Together these rules keep a tricked proxy or browser from reading tokens:
/// neither sends <c>Metadata-Flavor</c>, and proxies give themselves away by <c>X-Forwarded-For</c>.
/// </summary>
internal static class RequestGuard
{
    /// <summary>Judges a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="legacy">What becomes of the paths of old versions.</param>
    /// <param name="hosts">The hosts that it may name.</param>
    /// <param name="guardsRoot">Whether the root needs the header too.</param>
    /// <returns>The refusal; <see langword="null"/> when the request may be answered.</returns>
    public static Refusal? Check(in MetadataRequest request, LegacyEndpoints legacy, AllowedHosts hosts, bool guardsRoot)
    {
        if (request.IsForwarded)
        {
            return Refusal.ForwardedFor;
        }

        if (!hosts.Allow(request.Host))
        {
            return Refusal.Host;
        }

        // The old versions never needed the header (observed 2018), and say that they are off to those without it.
        if (legacy != LegacyEndpoints.Gone && IsLegacy(request.Target.Path))
        {
            return legacy == LegacyEndpoints.Disabled ? Refusal.Legacy : null;
        }

        // The root is how clients find out where they are, most without the header (observed 2019-11).
        return (guardsRoot || request.Target.Path is not "/") && !request.NamesFlavor ? Refusal.Flavor : null;
    }

    private static bool IsLegacy(ReadOnlySpan<char> path) =>
        path.StartsWith("/0.1/", StringComparison.Ordinal)
        || path.StartsWith("/computeMetadata/v1beta1/", StringComparison.Ordinal)
        || path is "/0.1" or "/computeMetadata/v1beta1";
}
