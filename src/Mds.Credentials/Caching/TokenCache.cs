namespace Mds.Credentials;

/// <summary>
/// The tokens of one account, and the only caller of its <see cref="ITokenSource"/>. However many ask at once, the
/// issuer is called once for each distinct thing. An access token is the same for everybody until
/// <see cref="TokenCacheOptions.RefreshMargin"/> is left of it, is replaced ahead of that in the background, and is
/// served through faults of the issuer for as long as it is valid. Identity tokens are asked for anew each time,
/// because clients assume that one just received lives for its whole hour (google-cloud-go).
/// </summary>
public sealed class TokenCache : IDisposable
{
    private const int MaximumIdentityCalls = 1024;
    private const int UnderWayToHeld = 4;

    private readonly ITokenSource _source;
    private readonly TimeProvider _time;
    private readonly TokenCacheOptions _options;
    private readonly ScopedToken _default;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ScopedToken> _scopeSets = new(StringComparer.Ordinal);
    private readonly Dictionary<IdentityTokenRequest, SingleFlight<IdentityToken>> _identityCalls = [];
    private readonly CallBudget _budget;
    private readonly Lock _stateGate = new();
    private volatile TokenCacheState _state = TokenCacheState.Initial;
    private bool _defaultSpoke;
    private long _calls;
    private volatile bool _stopped;

    /// <summary>Creates an empty cache; no call is made before somebody asks.</summary>
    /// <param name="account">The account as settings name it: <c>default</c> or an e-mail address.</param>
    /// <param name="source">Where its tokens come from.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Margins and limits; the defaults when left out.</param>
    public TokenCache(string account, ITokenSource source, TimeProvider time, TokenCacheOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(account);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(time);
        Account = account;
        _source = source;
        _time = time;
        _options = options ?? new();
        if (source.LongestCall > _options.CallTimeout)
        {
            _options = _options with { CallTimeout = source.LongestCall };
        }

        Description = source.Describe();
        _budget = new(time);
        _default = Create([], isDefault: true);
    }

    /// <summary>
    /// Raised when the health of the account, or the reason for its failure, becomes another, and not on every call,
    /// so that a handler may log each. Raised in order, on the thread of the call; handlers should be quick.
    /// </summary>
    public event EventHandler<TokenCacheStateChange>? StateChanged;

    /// <summary>
    /// Raised when a call fails that <see cref="State"/> does not speak of (it is of other scopes than the default, or
    /// of an identity token, or of a kind that is not offered), once until it succeeds: the reason for a client's error
    /// should not be lost.
    /// </summary>
    public event EventHandler<TokenCallFailure>? CallFailed;

    /// <summary>The account as settings name it.</summary>
    public string Account { get; }

    /// <summary>Whom the account's source speaks for.</summary>
    public TokenSourceDescription Description { get; }

    /// <summary>What is known at this moment.</summary>
    public TokenCacheState State => _state with { ExpiresAt = _default.ExpiresAt, Calls = Volatile.Read(ref _calls) };

    /// <summary>The access token for these scopes, from the cache where it holds one.</summary>
    /// <param name="scopes">The scopes in any order; none means the source's own default.</param>
    /// <param name="cancellationToken">Ends this caller's wait; others that wait for the same token are not touched.</param>
    /// <returns>A token that is valid now.</returns>
    /// <exception cref="TokenSourceException">The issuer failed, and no valid token is held.</exception>
    public ValueTask<AccessToken> GetAccessTokenAsync(
        IReadOnlyList<string> scopes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        if (scopes.Count == 0)
        {
            return _default.GetAsync(cancellationToken);
        }

        // The call begins with the gate held: a scope set with a call under way does not make room for another.
        lock (_gate)
        {
            try
            {
                return ForScopes(scopes).GetAsync(cancellationToken);
            }
            catch (TokenSourceException e)
            {
                return ValueTask.FromException<AccessToken>(e);
            }
        }
    }

    /// <summary>The access token for these scopes that everybody is given at this moment, without waiting.</summary>
    /// <param name="scopes">The scopes in any order; none means the source's own default.</param>
    /// <returns>A token; <see langword="null"/> when <see cref="GetAccessTokenAsync"/> has to ask the issuer.</returns>
    public AccessToken? FindAccessToken(IReadOnlyList<string> scopes)
    {
        ArgumentNullException.ThrowIfNull(scopes);
        if (scopes.Count == 0)
        {
            return _default.Find();
        }

        lock (_gate)
        {
            return _scopeSets.GetValueOrDefault(KeyOf(SetOf(scopes)))?.Find();
        }
    }

    /// <summary>A new identity token; callers that want the same at the same time share one call.</summary>
    /// <param name="request">The audience and form.</param>
    /// <param name="cancellationToken">Ends this caller's wait; others that wait for the same token are not touched.</param>
    /// <returns>A token that has just been issued.</returns>
    /// <exception cref="TokenSourceException">The issuer failed.</exception>
    public async ValueTask<IdentityToken> GetIdentityTokenAsync(
        IdentityTokenRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        Task<CallOutcome<IdentityToken>> call;
        lock (_gate)
        {
            call = ForRequest(request).Join(static () => null);
        }

        return (await call.WaitAsync(cancellationToken)).Unwrap();
    }

    /// <summary>
    /// Asks for the default access token ahead of any client, so that the first one need not wait; from then on it is
    /// kept warm. Does not throw when the issuer fails: <see cref="State"/> tells.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait, not the call.</param>
    /// <returns>A task that ends when the call has.</returns>
    public Task PrefetchAsync(CancellationToken cancellationToken) => _default.WarmAsync(cancellationToken);

    /// <summary>
    /// Ends the background refreshing and the events. Callers that already hold this cache are still answered, so that
    /// replacing a credential fails no request.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            foreach (var token in _scopeSets.Values)
            {
                token.Dispose();
            }
        }

        _default.Dispose();
    }

    private ScopedToken ForScopes(IReadOnlyList<string> scopes)
    {
        var set = SetOf(scopes);
        var key = KeyOf(set);
        lock (_gate)
        {
            if (_scopeSets.TryGetValue(key, out var known))
            {
                return known;
            }

            while (_scopeSets.Count >= _options.MaximumScopeSets
                && _scopeSets.Keys.Where(known => !_scopeSets[known].IsUnderWay).MinBy(known => _scopeSets[known].LastUsed) is { } oldest)
            {
                _scopeSets.Remove(oldest, out var idle);
                idle!.Dispose();
            }

            ThrowIfCrowded(_scopeSets.Count, _options.MaximumScopeSets);
            var created = Create(set, isDefault: false);
            if (_stopped)
            {
                created.Dispose();
            }

            return _scopeSets[key] = created;
        }
    }

    private static string[] SetOf(IReadOnlyList<string> scopes) =>
        [.. scopes.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    private static string KeyOf(string[] set) => string.Join('\n', set);

    private ScopedToken Create(string[] scopes, bool isDefault) => new(
        cancellation => _source.GetAccessTokenAsync(scopes, cancellation),
        keepWarm: isDefault,
        () => Begin(isDefault),
        outcome => Record(
            isDefault, scopes.Length == 0 ? "an access token" : $"an access token for {string.Join(", ", scopes)}", outcome),
        _time,
        _options);

    private SingleFlight<IdentityToken> ForRequest(IdentityTokenRequest request)
    {
        lock (_gate)
        {
            if (_identityCalls.TryGetValue(request, out var known))
            {
                return known;
            }

            // Calls under way leave by themselves; failures stay for their back-off, and any of them may make room.
            while (_identityCalls.Count >= MaximumIdentityCalls
                && _identityCalls.FirstOrDefault(static entry => !entry.Value.IsUnderWay) is { Key: { } failed })
            {
                _identityCalls.Remove(failed);
            }

            ThrowIfCrowded(_identityCalls.Count, MaximumIdentityCalls);
            return _identityCalls[request] = new(
                cancellation => _source.GetIdentityTokenAsync(request, cancellation),
                () => Begin(isDefault: false),
                keep: static _ => { },
                (outcome, _) =>
                {
                    if (outcome.Fault is null)
                    {
                        Forget(request);
                    }

                    Record(isDefault: false, $"an identity token for {request.Audience}", outcome);
                },
                _time,
                _options);
        }
    }

    // What is under way makes no room, and clients can think of new things for as long as an issuer is slow.
    private static void ThrowIfCrowded(int underWay, int held)
    {
        if (underWay >= held * UnderWayToHeld)
        {
            throw new TokenSourceException(
                TokenSourceFault.Unavailable, $"The issuer is being asked for {underWay} different things at once, which is enough; ask again.");
        }
    }

    private void Forget(IdentityTokenRequest request)
    {
        lock (_gate)
        {
            _identityCalls.Remove(request);
        }
    }

    private TokenSourceException? Begin(bool isDefault)
    {
        if (!isDefault && _budget.Take() is { } refusal)
        {
            return refusal;
        }

        Interlocked.Increment(ref _calls);
        return null;
    }

    private void Record<TToken>(bool isDefault, string wanted, CallOutcome<TToken> outcome)
        where TToken : class
    {
        var (fault, message) = (outcome.Fault, outcome.Message);
        // Of the others nothing is learnt: a kind of token that is not offered is refused without a call.
        if (fault is null or TokenSourceFault.Unavailable or TokenSourceFault.Rejected or TokenSourceFault.Missing)
        {
            _budget.Note(outcome.Failure);
        }

        lock (_stateGate)
        {
            var previous = _state;
            var now = _time.GetUtcNow();
            var current = fault is null
                ? previous with { LastSuccessAt = now, Successes = previous.Successes + 1 }
                : previous with { LastFailureAt = now, Failures = previous.Failures + 1 };
            if ((isDefault || !_defaultSpoke) && fault is not TokenSourceFault.NotOffered)
            {
                _defaultSpoke |= isDefault;
                current = current with
                {
                    Health = fault is null ? TokenCacheHealth.Valid : TokenCacheHealth.Failed,
                    Fault = fault,
                    Message = message,
                };
            }
            else if (outcome.IsFirstFailure && !_stopped)
            {
                CallFailed?.Invoke(this, new(OneLine(wanted), fault!.Value, message!));
            }

            _state = current;
            if ((current.Health, current.Fault, current.Message) != (previous.Health, previous.Fault, previous.Message) && !_stopped)
            {
                StateChanged?.Invoke(this, new(previous, current));
            }
        }
    }

    // What clients send may hold anything; a log line must stay one, and short.
    private static string OneLine(string text)
    {
        var line = string.Concat(text.Take(200).Select(static c => char.IsControl(c) ? ' ' : c));
        return text.Length <= 200 ? line : line + "…";
    }
}
