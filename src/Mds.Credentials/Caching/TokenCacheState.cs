namespace Mds.Credentials;

/// <summary>
/// What a <see cref="TokenCache"/> knows about its account at one moment; nothing in it is secret. The default scope
/// set speaks for the account: one client that asks for a scope nobody grants does not make the credential invalid.
/// Until the default set has been asked for, the latest call of any kind speaks.
/// </summary>
/// <param name="Health">Whether the credential works.</param>
/// <param name="Fault">What kind of failure the last call met, when <paramref name="Health"/> is <see cref="TokenCacheHealth.Failed"/>.</param>
/// <param name="Message">The sentence that belongs to <paramref name="Fault"/>.</param>
/// <param name="LastSuccessAt">When a call to the issuer last succeeded.</param>
/// <param name="LastFailureAt">When a call to the issuer last failed.</param>
/// <param name="ExpiresAt">When the access token held for the default scopes expires, if one is held and still valid.</param>
/// <param name="Calls">How many calls to the issuer have begun, of every kind.</param>
/// <param name="Successes">How many of them have succeeded.</param>
/// <param name="Failures">How many of them have failed; what is missing is under way.</param>
public sealed record TokenCacheState(
    TokenCacheHealth Health,
    TokenSourceFault? Fault,
    string? Message,
    DateTimeOffset? LastSuccessAt,
    DateTimeOffset? LastFailureAt,
    DateTimeOffset? ExpiresAt,
    long Calls,
    long Successes,
    long Failures)
{
    /// <summary>The state before any call.</summary>
    public static TokenCacheState Initial { get; } = new(TokenCacheHealth.Unknown, null, null, null, null, null, 0, 0, 0);
}
