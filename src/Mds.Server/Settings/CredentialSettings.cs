namespace Mds.Server.Settings;

/// <summary>Who speaks for one account. The kinds are the derived records, named as the custom resource names them.</summary>
/// <param name="Account">The account's key in the tree: <c>default</c> or an e-mail address.</param>
internal abstract record CredentialSettings(string Account)
{
    /// <summary>The account that every client asks for unless told otherwise.</summary>
    public const string DefaultAccount = "default";

    /// <summary>Whether a text can be an account's key in the tree, which is a segment of paths and a line of listings.</summary>
    /// <param name="text">The text.</param>
    public static bool IsAccount(string text) =>
        text.Length > 0 && !text.Any(c => c == '/' || char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>The file that holds the credential; <see langword="null"/> when none does.</summary>
    public virtual string? File => null;
}

/// <summary>A service account's JSON key file.</summary>
/// <param name="Account">The account.</param>
/// <param name="KeyFile">Where the key file is.</param>
internal sealed record ServiceAccountKeySettings(string Account, string KeyFile) : CredentialSettings(Account)
{
    /// <inheritdoc/>
    public override string? File => KeyFile;
}

/// <summary>The local issuer: tokens that only those accept who trust its keys. Google is not asked.</summary>
/// <param name="Account">The account.</param>
/// <param name="Issuer">The <c>iss</c> claim; <see langword="null"/> for the admin listener's address.</param>
/// <param name="KeyFile">A PEM file with the RSA key that signs; <see langword="null"/> for a key made at start.</param>
internal sealed record LocalSettings(string Account, string? Issuer = null, string? KeyFile = null)
    : CredentialSettings(Account)
{
    /// <inheritdoc/>
    public override string? File => KeyFile;
}

/// <summary>Tokens given as they are.</summary>
/// <param name="Account">The account.</param>
/// <param name="AccessToken">The access token: a secret.</param>
/// <param name="IdentityToken">The identity token: a secret.</param>
internal sealed record StaticSettings(string Account, string? AccessToken, string? IdentityToken)
    : CredentialSettings(Account)
{
    /// <summary>Names the account only: tokens do not belong in logs.</summary>
    public override string ToString() => $"static tokens for {Account}";
}
