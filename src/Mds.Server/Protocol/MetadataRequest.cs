namespace Mds.Server.Protocol;

/// <summary>
/// As much of a request as its answer depends on, whichever way it came. It points into the memory of whoever received
/// it.
/// </summary>
internal readonly ref struct MetadataRequest
{
    /// <summary>The method, in its spelling.</summary>
    public required ReadOnlySpan<char> Method { get; init; }

    /// <summary>The target of the request line, exactly as it was sent.</summary>
    public required RequestTarget Target { get; init; }

    /// <summary>The <c>Host</c> header; empty when none was sent.</summary>
    public required ReadOnlySpan<char> Host { get; init; }

    /// <summary>Whether <c>Metadata-Flavor: Google</c> was sent, once.</summary>
    public required bool NamesFlavor { get; init; }

    /// <summary>Whether <c>X-Forwarded-For</c> was sent.</summary>
    public required bool IsForwarded { get; init; }

    /// <summary>The <c>User-Agent</c> header; empty when none was sent. No answer depends on it.</summary>
    public required ReadOnlySpan<char> UserAgent { get; init; }

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public required string Scheme { get; init; }

    /// <summary>Whether the client wants the connection closed behind the answer; Kestrel sees to that by itself.</summary>
    public bool Closes { get; init; }

    /// <summary>Whether it only wants to read.</summary>
    public bool Reads => Method is "GET" or "HEAD";

    /// <summary>Takes what matters of a request that Kestrel read.</summary>
    /// <param name="context">The request.</param>
    public static MetadataRequest Of(HttpContext context)
    {
        var request = context.Request;
        var flavor = request.Headers["Metadata-Flavor"];
        return new MetadataRequest
        {
            Method = request.Method,
            Target = RequestTarget.Of(context),
            Host = request.Headers.Host.ToString(),
            NamesFlavor = flavor.Count == 1 && flavor[0] == "Google",
            IsForwarded = request.Headers.ContainsKey("X-Forwarded-For"),
            UserAgent = request.Headers.UserAgent.ToString(),
            Scheme = request.Scheme,
        };
    }
}
