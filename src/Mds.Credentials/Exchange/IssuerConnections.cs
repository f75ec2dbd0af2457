namespace Mds.Credentials;

/// <summary>One pool of connections to all issuers.</summary>
internal static class IssuerConnections
{
    /// <summary>
    /// How long one call may take: less than the cache waits, so that it says who did not answer, and long enough for an
    /// issuer that takes ten seconds. Clients are not kept waiting by it as long as a valid token is held.
    /// </summary>
    public static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(25);

    /// <summary>The pool. It follows no redirect: what is sent to an issuer is a secret, and goes where it was meant to go.</summary>
    public static SocketsHttpHandler Pool { get; } = new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5), // so that a change of DNS is noticed
    };

    /// <summary>A client on the pool.</summary>
    public static HttpClient Client { get; } = new(Pool, disposeHandler: false)
    {
        Timeout = CallTimeout,
        MaxResponseContentBufferSize = 1 << 20,
    };
}
