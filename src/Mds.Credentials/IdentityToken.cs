namespace Mds.Credentials;

/// <summary>An OpenID Connect identity token.</summary>
/// <param name="Value">The compact JWT: a secret.</param>
/// <param name="ExpiresAt">Its <c>exp</c> claim.</param>
public sealed record IdentityToken(string Value, DateTimeOffset ExpiresAt)
{
    /// <summary>Names the expiry only: tokens do not belong in logs.</summary>
    public override string ToString() => $"identity token that expires at {ExpiresAt:O}";
}
