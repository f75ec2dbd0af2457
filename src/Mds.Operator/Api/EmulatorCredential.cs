namespace Mds.Operator.Api;

/// <summary>What an emulator gets one account's tokens from.</summary>
/// <param name="Account"><c>default</c> or the e-mail of a service account.</param>
internal abstract record EmulatorCredential(string Account);

/// <summary>A service account key, as Google's console makes it.</summary>
/// <param name="Account">The account.</param>
/// <param name="Key">The key's JSON file.</param>
internal sealed record ServiceAccountKeyCredential(string Account, KeyReference Key) : EmulatorCredential(Account);

/// <summary>The server's own issuer: tokens that look like Google's and are signed here.</summary>
/// <param name="Account">The account.</param>
/// <param name="Issuer">The <c>iss</c> of its identity tokens; the server's default when null.</param>
/// <param name="SigningKey">An RSA private key in PEM; null for one that each server makes when it starts.</param>
internal sealed record LocalCredential(string Account, string? Issuer, KeyReference? SigningKey) : EmulatorCredential(Account);

/// <summary>A credential of the API that this version does not serve yet.</summary>
/// <param name="Account">The account.</param>
/// <param name="Kind">The field that was set, such as <c>impersonation</c>.</param>
internal sealed record UnsupportedCredential(string Account, string Kind) : EmulatorCredential(Account);
