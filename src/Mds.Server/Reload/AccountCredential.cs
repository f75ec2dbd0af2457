using Mds.Credentials;
using Mds.Server.CredentialKinds;

namespace Mds.Server.Reload;

/// <summary>
/// One account's credential: what the settings say, what was last made of its files that could be used, and what is wrong
/// with what the files hold now.
/// </summary>
internal sealed class AccountCredential : IDisposable
{
    private readonly CredentialSurroundings _surroundings;
    private LoadedCredential? _loaded;
    private IDisposable? _replaced;
    private string? _cachedPrincipal;
    private IReadOnlyList<string> _cachedScopes = [];
    private string? _cachedUniverse;

    /// <summary>Loads it for the first time.</summary>
    /// <param name="settings">What the settings say.</param>
    /// <param name="files">The contents of its files.</param>
    /// <param name="surroundings">What it stands in.</param>
    public AccountCredential(CredentialSettings settings, CredentialFiles files, CredentialSurroundings surroundings)
    {
        Settings = settings;
        Files = files;
        _surroundings = surroundings;
        Load();
    }

    /// <summary>What the settings say.</summary>
    public CredentialSettings Settings { get; }

    /// <summary>The contents of the files as they are now, of use or not; they are cleared once they have been loaded.</summary>
    public CredentialFiles Files { get; private set; }

    /// <summary>
    /// The local issuer, where this is one and its key could be loaded. It goes on publishing the keys that it had
    /// before for as long as their tokens live.
    /// </summary>
    public LocalIssuer? Issuer { get; private set; }

    /// <summary>What is wrong with the files as they are now; <see langword="null"/> when nothing is.</summary>
    public TokenSourceException? Problem { get; private set; }

    /// <summary>Whether an access token should be asked for before anybody wants one.</summary>
    public bool Prefetch => _loaded is { Prefetch: true };

    /// <summary>Whether it is meant to have an access token, be it that it cannot be loaded yet.</summary>
    public bool WantsToken => _loaded is null or { Prefetch: true };

    /// <summary>The tokens in use.</summary>
    public TokenCache? Cache { get; private set; }

    /// <summary>What the credential itself says of account and project, before any claims are known.</summary>
    public TokenSourceDescription? Description => _loaded?.Description;

    /// <summary>The fingerprint of a key in hardware.</summary>
    public string? KeyFingerprint => _loaded?.KeyFingerprint();

    /// <summary>Why nothing more is tried until the settings or files change.</summary>
    public string? Refusal => _loaded?.Refusal?.Invoke();

    /// <summary>Whether there may ever be a <see cref="Refusal"/>.</summary>
    public bool CanBeRefused => _loaded?.Refusal is not null;

    /// <summary>Takes new contents of the files. What was loaded before stays in use when they are of no use.</summary>
    /// <param name="files">The contents.</param>
    /// <returns>Whether they could be used.</returns>
    public bool Take(CredentialFiles files)
    {
        Files = files;
        return Load();
    }

    /// <summary>Makes the cache, unless the one in use was made of the same things.</summary>
    /// <param name="email">The account's e-mail address in the claims.</param>
    /// <param name="scopes">The account's scopes in the claims.</param>
    /// <returns>The cache that is in use from now on, and whether it is a new one.</returns>
    public (TokenCache Cache, bool IsNew) Refresh(string? email, IReadOnlyList<string> scopes)
    {
        // A key file knows itself whom it speaks for; some others speak for whom the claims name.
        var principal = Description?.Principal is null ? email : null;
        var universe = _surroundings.Universe();
        if (Cache is { } used && _cachedPrincipal == principal && _cachedScopes.SequenceEqual(scopes)
            && _cachedUniverse == universe)
        {
            return (used, false);
        }

        (_cachedPrincipal, _cachedScopes, _cachedUniverse) = (principal, scopes, universe);
        var source = _loaded?.Source(principal) ?? new UnusableSource(new TokenSourceDescription(Settings.Kind, null), Problem!);
        Cache = new TokenCache(Settings.Account, new DefaultScopes(source, scopes), _surroundings.Time);
        return (Cache, true);
    }

    /// <summary>Lets go of what the credential held before, once tokens are no longer asked of it.</summary>
    public void LetGo()
    {
        if (_replaced is { } replaced)
        {
            _replaced = null;
            // Not waited for: hardware may be slow to let go.
            _ = Task.Run(replaced.Dispose);
        }
    }

    /// <summary>Lets go of what the credential holds.</summary>
    public void Dispose()
    {
        LetGo();
        _loaded?.Held?.Dispose();
    }

    private bool Load()
    {
        try
        {
            var previousLoaded = _loaded;
            _loaded = Settings.Load(Files, _surroundings);
            LetGo();
            _replaced = previousLoaded?.Held;
            Issuer = Issuer is { } previous ? _loaded.Issuer?.Replacing(previous, _surroundings.Time.GetUtcNow()) : _loaded.Issuer;
            Problem = null;
            Cache = null;
            return true;
        }
        catch (TokenSourceException exception)
        {
            if (_loaded is null)
            {
                // What stands in for the credential says why; it has to say the new reason.
                Cache = null;
                Problem = exception;
            }
            else
            {
                Problem = new TokenSourceException(
                    exception.Fault, $"{exception.Message} The {(Settings.Files.Count > 1 ? "files" : "key")} loaded before "
                        + $"{(Settings.Files.Count > 1 ? "stay" : "stays")} in use until then.", exception.InnerException);
            }

            return false;
        }
        finally
        {
            Files.Clear();
        }
    }
}
