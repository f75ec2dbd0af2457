using System.Text;
using Mds.Credentials;
using Mds.Server.Settings;

namespace Mds.Server.Reload;

/// <summary>
/// One account's credential: what the settings say, what its file last held that could be used, and what is wrong with
/// what the file holds now.
/// </summary>
internal sealed class AccountCredential
{
    private readonly TimeProvider _time;
    private readonly string _defaultIssuer;
    private ServiceAccountKey? _key;
    private string? _cachedPrincipal;
    private IReadOnlyList<string> _cachedScopes = [];

    /// <summary>Creates it; nothing is loaded yet.</summary>
    /// <param name="settings">What the settings say.</param>
    /// <param name="sharedIssuer">The local issuer of everything that has no key file, with the address it has by default.</param>
    /// <param name="time">The clock.</param>
    public AccountCredential(CredentialSettings settings, LocalIssuers sharedIssuer, TimeProvider time)
    {
        Settings = settings;
        _time = time;
        _defaultIssuer = sharedIssuer.DefaultIssuer;
        if (settings is LocalSettings { KeyFile: null } local)
        {
            Issuer = sharedIssuer.WithoutKeyFile(local.Issuer ?? _defaultIssuer);
        }
    }

    /// <summary>What the settings say.</summary>
    public CredentialSettings Settings { get; }

    /// <summary>The file to watch; <see langword="null"/> when there is none.</summary>
    public string? File => Settings.File;

    /// <summary>The kind of credential, in the custom resource's word.</summary>
    public string Kind => Settings switch
    {
        ServiceAccountKeySettings => "serviceAccountKey",
        LocalSettings => "local",
        _ => "static",
    };

    /// <summary>The local issuer, where this is one and its key could be loaded.</summary>
    public LocalIssuer? Issuer { get; private set; }

    /// <summary>What is wrong with the file as it is now; <see langword="null"/> when nothing is.</summary>
    public TokenSourceException? Problem { get; private set; }

    /// <summary>Whether there is anything to make tokens with.</summary>
    public bool IsLoaded => Settings is StaticSettings || _key is not null || Issuer is not null;

    /// <summary>The tokens in use.</summary>
    public TokenCache? Cache { get; private set; }

    /// <summary>What the credential itself says of account and project, before any claims are known.</summary>
    public TokenSourceDescription? Description =>
        _key is { } key ? new TokenSourceDescription(Kind, key.ClientEmail, key.ProjectId) : null;

    /// <summary>Takes new content of the file. What was loaded before stays in use when the content is of no use.</summary>
    /// <param name="content">The content.</param>
    /// <returns>Whether it could be used.</returns>
    public bool Take(FileContent content)
    {
        try
        {
            var bytes = content.Bytes ?? throw new TokenSourceException(TokenSourceFault.Unusable, content.Problem!);
            if (Settings is LocalSettings local)
            {
                Issuer = LocalIssuer.FromPem(local.Issuer ?? _defaultIssuer, Encoding.UTF8.GetString(bytes), local.KeyFile!);
            }
            else
            {
                _key = ServiceAccountKey.Parse(bytes, File!);
            }

            Problem = null;
            Cache = null;
            return true;
        }
        catch (TokenSourceException exception)
        {
            if (!IsLoaded)
            {
                // What stands in for the credential says why; it has to say the new reason.
                Cache = null;
            }

            Problem = IsLoaded
                ? new TokenSourceException(
                    exception.Fault, $"{exception.Message} The key loaded before stays in use until then.", exception.InnerException)
                : exception;
            return false;
        }
    }

    /// <summary>Makes the cache, unless the one in use was made of the same things.</summary>
    /// <param name="email">The account's e-mail address in the claims.</param>
    /// <param name="scopes">The account's scopes in the claims.</param>
    /// <returns>The cache that is in use from now on, and whether it is a new one.</returns>
    public (TokenCache Cache, bool IsNew) Refresh(string? email, IReadOnlyList<string> scopes)
    {
        // A key file knows itself whom it speaks for; the others speak for whom the claims name.
        var principal = Settings is ServiceAccountKeySettings ? null : email;
        if (Cache is { } used && _cachedPrincipal == principal && _cachedScopes.SequenceEqual(scopes))
        {
            return (used, false);
        }

        (_cachedPrincipal, _cachedScopes) = (principal, scopes);
        Cache = new TokenCache(Settings.Account, new DefaultScopes(Source(principal), scopes), _time);
        return (Cache, true);
    }

    private ITokenSource Source(string? email) => Settings switch
    {
        StaticSettings fixedTokens => new StaticSource(fixedTokens.AccessToken, fixedTokens.IdentityToken, email, _time),
        ServiceAccountKeySettings when _key is { } key => new ServiceAccountKeySource(key, _time),
        LocalSettings when Issuer is { } issuer => new LocalIssuerSource(issuer, email ?? Settings.Account, _time),
        _ => new UnusableSource(new TokenSourceDescription(Kind, null), Problem!),
    };
}
