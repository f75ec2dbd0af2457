namespace Mds.Credentials;

/// <summary>Where the token comes from that is exchanged for one of Google's.</summary>
internal interface ISubjectTokens
{
    /// <summary>What it is, for "sts… refused the token in /var/run/token".</summary>
    string Name { get; }

    /// <summary>How long getting one may rightly take, where that is longer than asking a server nearby.</summary>
    TimeSpan LongestFetch => TimeSpan.Zero;

    /// <summary>Gets the token of this moment; it is a secret.</summary>
    /// <exception cref="TokenSourceException">There is none; the message says why.</exception>
    Task<string> GetAsync(CancellationToken cancellationToken);
}
