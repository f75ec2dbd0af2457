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
    /// <returns>The refusal; <see langword="null"/> when the request may be answered.</returns>
    public static Refusal? Check(ReadOnlySpan<char> path, IHeaderDictionary headers)
    {
        if (headers.ContainsKey("X-Forwarded-For"))
        {
            return Refusal.ForwardedFor;
        }

        // The root is how clients find out where they are, most without the header (observed 2019-11).
        return path is not "/" && !IsGoogle(headers["Metadata-Flavor"]) ? Refusal.Flavor : null;
    }

    private static bool IsGoogle(StringValues flavor) => flavor.Count == 1 && flavor[0] == "Google";
}
