namespace Mds.Credentials;

/// <summary>The credential set in force. Readers never wait; a replacement fails no request.</summary>
public sealed class CredentialStore : ICredentials, IDisposable
{
    private CredentialSet _current;

    /// <summary>Creates the store.</summary>
    /// <param name="initial">The first set.</param>
    public CredentialStore(CredentialSet initial)
    {
        ArgumentNullException.ThrowIfNull(initial);
        _current = initial;
    }

    /// <summary>The set in force.</summary>
    public CredentialSet Current => Volatile.Read(ref _current);

    /// <inheritdoc/>
    public TokenCache? Find(string account) => Current.Find(account);

    /// <summary>Puts another set in force and ends the background work of the caches that it does not take over.</summary>
    /// <param name="next">The new set; it may hold caches of the old one.</param>
    public void Replace(CredentialSet next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var previous = Interlocked.Exchange(ref _current, next);
        foreach (var cache in previous.Caches.Except(next.Caches))
        {
            cache.Dispose();
        }
    }

    /// <summary>Ends the background work of every cache.</summary>
    public void Dispose() => Replace(CredentialSet.Empty);
}
