namespace Mds.Credentials;

/// <summary>How a <see cref="TokenCache"/> behaves. The defaults suit Google and its client libraries.</summary>
public sealed record TokenCacheOptions
{
    /// <summary>
    /// How much life a token has left when another takes its place. 330 s, because Google's real server replaces at
    /// about 300 s (docs, quoted in google-cloud-cpp#8255) and the most eager clients, google-auth-library-nodejs,
    /// google-cloud-cpp and gcloud, ask again on every use once 300 s or less are left; all others wait longer
    /// (Rust 240 s, Go, Python, Java and .NET 225 s). Thirty seconds more, and no client ever sees such a token twice.
    /// </summary>
    public TimeSpan RefreshMargin { get; init; } = TimeSpan.FromSeconds(330);

    /// <summary>
    /// How long before <see cref="RefreshMargin"/> the background refresh may begin at the earliest; the moment is
    /// drawn at random so that replicas started together do not call the issuer together.
    /// </summary>
    public TimeSpan RefreshAhead { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// How long a caller is kept waiting for a new token while an old, still valid one is at hand. Well below the
    /// 0.5 s that google-auth-library-ruby gives a whole request.
    /// </summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long one call to the issuer may take, unless the source itself knows of longer ones.</summary>
    public TimeSpan CallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How many scope sets are held; the one unused for longest makes room. The default set always stays.</summary>
    public int MaximumScopeSets { get; init; } = 64;

    /// <summary>Where jitter comes from: numbers from 0 up to 1.</summary>
    internal Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}
