namespace Mds.Credentials;

/// <summary>What a caller wants in an identity token.</summary>
/// <param name="Audience">The <c>aud</c> claim, taken as sent.</param>
/// <param name="Full">
/// Whether <c>format=full</c> was asked for: e-mail and, where the issuer can know it, the machine's
/// <c>google.compute_engine</c> claims.
/// </param>
/// <param name="Licenses">Whether the licence ids are wanted as well; has a meaning with <paramref name="Full"/> only.</param>
public sealed record IdentityTokenRequest(string Audience, bool Full = false, bool Licenses = false);
