namespace Mds.Credentials;

/// <summary>A step from one state of a <see cref="TokenCache"/> to another that people want to hear of.</summary>
/// <param name="Previous">The state before.</param>
/// <param name="Current">The state after: another health, or another failure.</param>
public sealed record TokenCacheStateChange(TokenCacheState Previous, TokenCacheState Current);
