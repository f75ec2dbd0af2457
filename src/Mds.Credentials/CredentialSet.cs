using System.Collections.Frozen;

namespace Mds.Credentials;

/// <summary>
/// The credentials of every account, as one immutable map. It is replaced as a whole when settings or key files change;
/// the caches of unchanged sources are taken over, so that their tokens go on being served.
/// </summary>
public sealed class CredentialSet : ICredentials
{
    private readonly FrozenDictionary<string, TokenCache> _byAccount;

    /// <summary>Creates the map.</summary>
    /// <param name="caches">One cache for each account, in the order in which status lists them.</param>
    /// <exception cref="ArgumentException">Two caches name the same account.</exception>
    public CredentialSet(IEnumerable<TokenCache> caches)
    {
        ArgumentNullException.ThrowIfNull(caches);
        Caches = [.. caches];
        if (Caches.GroupBy(static cache => cache.Account).FirstOrDefault(static group => group.Count() > 1) is { } twice)
        {
            throw new ArgumentException(
                $"Account '{twice.Key}' has {twice.Count()} credentials; name each account once.", nameof(caches));
        }

        _byAccount = Caches.ToFrozenDictionary(static cache => cache.Account, StringComparer.Ordinal);
    }

    /// <summary>No account has a credential.</summary>
    public static CredentialSet Empty { get; } = new([]);

    /// <summary>The caches in the order given.</summary>
    public IReadOnlyList<TokenCache> Caches { get; }

    /// <inheritdoc/>
    public TokenCache? Find(string account) => _byAccount.GetValueOrDefault(account);
}
