using Mds.Server.Reload;

namespace Mds.Server.Admin;

/// <summary>
/// Whether requests for metadata should come here. Credentials have no say in it, unless the settings want the first
/// tokens awaited: a server without tokens answers 503, which clients understand, and one that is not ready refuses
/// connections, which they do not. One thing is different: a password that a TPM refused. A TPM locks itself for
/// everybody after a few, and a rollout that stops at its first pod tries it once, where one that goes on tries it in
/// every pod. So a server begins to be ready when the passwords of TPMs have been tried; after that one that is refused
/// harms the accounts with other credentials no more.
/// </summary>
/// <param name="state">What is served.</param>
/// <param name="awaitsTokens">Whether every account must have had a token before the server is ready for the first time.</param>
internal sealed class Readiness(LiveState state, bool awaitsTokens)
{
    private volatile bool _stopping;
    private volatile bool _hasBeenReady;

    /// <summary>Why requests should not come here, as a sentence; <see langword="null"/> when they may.</summary>
    public string? Obstacle
    {
        get
        {
            var obstacle = _stopping ? "The server is about to stop."
                : !state.HasClaims ? "No claims document could be loaded yet; /status says why."
                : _hasBeenReady ? (state.IsEveryAccountRefused ? state.Refusal : null)
                : state.Refusal ?? MissingAtStart;
            _hasBeenReady |= obstacle is null;
            return obstacle;
        }
    }

    /// <summary>What is to be known of a server that requests may come to: why one of its accounts tries nothing more.</summary>
    public string? Reservation => state.Refusal;

    // That an issuer is away later is no reason to turn clients away from the metadata.
    private string? MissingAtStart =>
        state.AccountToBeTried is { } untried ? $"The key of the account {untried} has not been tried yet."
        : awaitsTokens && state.AccountWithoutToken is { } account ? $"The account {account} has no token yet; /status says why."
        : null;

    /// <summary>Sends requests elsewhere from now on.</summary>
    public void Stop() => _stopping = true;
}
