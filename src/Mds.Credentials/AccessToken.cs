namespace Mds.Credentials;

/// <summary>An OAuth 2.0 bearer token.</summary>
/// <param name="Value">The token itself: a secret.</param>
/// <param name="ExpiresAt">When the issuer stops honouring it.</param>
public sealed record AccessToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Names the expiry only: tokens do not belong in logs.</summary>
    public override string ToString() => $"access token that expires at {ExpiresAt:O}";
}
