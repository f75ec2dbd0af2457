using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>Tokens given as they are, or as the contents of files that somebody else keeps fresh.</summary>
/// <param name="Account">The account.</param>
/// <param name="AccessToken">The access token: a secret.</param>
/// <param name="IdentityToken">The identity token: a secret.</param>
internal sealed record StaticSettings(string Account, string? AccessToken = null, string? IdentityToken = null)
    : CredentialSettings(Account)
{
    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new(
        "static", [new("accessToken"), new("identityToken"), new("accessTokenFile"), new("identityTokenFile")], Read);

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <summary>The file that holds the access token.</summary>
    public string? AccessTokenFile { get; init; }

    /// <summary>The file that holds the identity token.</summary>
    public string? IdentityTokenFile { get; init; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Files => [.. new[] { AccessTokenFile, IdentityTokenFile }.OfType<string>()];

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var accessToken = AccessTokenFile is null ? AccessToken : Token(files, AccessTokenFile);
        var identityToken = IdentityTokenFile is null ? IdentityToken : Token(files, IdentityTokenFile);
        return new()
        {
            Source = email => new StaticSource(accessToken, identityToken, email, surroundings.Time),
            // An account without an access token would only report that.
            Prefetch = accessToken is not null,
        };
    }

    /// <summary>Names the account only: tokens do not belong in logs.</summary>
    public override string ToString() => $"static tokens for {Account}";

    private static string Token(CredentialFiles files, string path)
    {
        var text = files.Text(path).Trim();
        return text.Length == 0 ? throw Unusable($"The file {path} is empty; a token was expected.")
            : text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c)) ? throw Unusable($"The file {path} holds more than a token: there are spaces or line breaks in it.")
            : text;
    }

    private static TokenSourceException Unusable(string message) => new(TokenSourceFault.Unusable, message);

    private static StaticSettings Read(CredentialSection section)
    {
        var settings = new StaticSettings(section.Account, section.Text("accessToken"), section.Text("identityToken"))
        {
            AccessTokenFile = section.Text("accessTokenFile"),
            IdentityTokenFile = section.Text("identityTokenFile"),
        };
        if (settings is { AccessToken: null, IdentityToken: null, AccessTokenFile: null, IdentityTokenFile: null })
        {
            section.Error($"{section.Origin} is empty. Give accessToken or accessTokenFile, identityToken or identityTokenFile, or one of each.");
        }

        foreach (var name in new[] { "accessToken", "identityToken" })
        {
            if (section.Text(name) is not null && section.Find(name + "File") is { } file)
            {
                section.Error($"{file.Origin} and {name} exclude each other. Give one of them.");
            }
        }

        return settings;
    }
}
