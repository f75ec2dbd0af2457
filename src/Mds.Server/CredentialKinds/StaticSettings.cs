using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>Tokens given as they are.</summary>
/// <param name="Account">The account.</param>
/// <param name="AccessToken">The access token: a secret.</param>
/// <param name="IdentityToken">The identity token: a secret.</param>
internal sealed record StaticSettings(string Account, string? AccessToken, string? IdentityToken)
    : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new("static", [new("accessToken"), new("identityToken")], Read);

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings) => new()
    {
        Source = email => new StaticSource(AccessToken, IdentityToken, email, surroundings.Time),
        // An account without an access token would only report that.
        Prefetch = AccessToken is not null,
    };

    /// <summary>Names the account only: tokens do not belong in logs.</summary>
    public override string ToString() => $"static tokens for {Account}";

    private static StaticSettings Read(CredentialSection section)
    {
        var (accessToken, identityToken) = (section.Text("accessToken"), section.Text("identityToken"));
        if (accessToken is null && identityToken is null)
        {
            section.Error($"{section.Origin} is empty. Give accessToken, identityToken or both.");
        }

        return new(section.Account, accessToken, identityToken);
    }
}
