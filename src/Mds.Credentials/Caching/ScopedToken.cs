namespace Mds.Credentials;

/// <summary>The access token of one scope set: held, served, and replaced ahead of time in the background.</summary>
internal sealed class ScopedToken : IDisposable
{
    // Longer waits are made of several, because timers do not take any length.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly TimeProvider _time;
    private readonly TokenCacheOptions _options;
    private readonly bool _keepWarm;
    private readonly SingleFlight<AccessToken> _flight;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private volatile Held? _held;
    private DateTimeOffset _wakeAt = DateTimeOffset.MaxValue;
    private bool _stopped;
    private long _lastUsed;
    private volatile bool _used;

    /// <param name="call">Asks the issuer for a token of this scope set.</param>
    /// <param name="keepWarm">
    /// Whether the token is replaced even if nobody asked for it lately. Others are let go until they are wanted.
    /// </param>
    /// <param name="begin">Asked before each call: <see langword="null"/> lets it be made, anything else is told instead.</param>
    /// <param name="ended">Told of the outcome of each call.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">Margins and jitter.</param>
    public ScopedToken(
        Func<CancellationToken, Task<AccessToken>> call,
        bool keepWarm,
        Func<TokenSourceException?> begin,
        Action<CallOutcome<AccessToken>> ended,
        TimeProvider time,
        TokenCacheOptions options)
    {
        _time = time;
        _options = options;
        _keepWarm = keepWarm;
        _flight = new(
            async cancellation => Living(await call(cancellation)),
            begin,
            Keep,
            (outcome, retryAt) =>
            {
                Schedule(outcome, retryAt);
                ended(outcome);
            },
            time,
            options);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>When somebody last asked, in ticks of UTC.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>When the held token expires; <see langword="null"/> when none is held that is still valid.</summary>
    public DateTimeOffset? ExpiresAt
    {
        get
        {
            var now = _time.GetUtcNow();
            return At(now) is { } held && held.Token.ExpiresAt > now ? held.Token.ExpiresAt : null;
        }
    }

    /// <summary>The token that is served now; <see langword="null"/> when the issuer has to be asked for another.</summary>
    public AccessToken? Find()
    {
        var now = _time.GetUtcNow();
        Volatile.Write(ref _lastUsed, now.UtcTicks);
        _used = true;
        return FreshAt(now);
    }

    public ValueTask<AccessToken> GetAsync(CancellationToken cancellationToken) =>
        Find() is { } held ? new(held) : new(RenewAsync(cancellationToken));

    /// <summary>Makes the first call, if none has succeeded yet; ends with it, however it ends.</summary>
    public Task WarmAsync(CancellationToken cancellationToken) => _flight.Join(Fresh).WaitAsync(cancellationToken);

    /// <summary>Ends the background refresh. Calls under way go on for those who wait for them.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        _timer.Dispose();
    }

    private async Task<AccessToken> RenewAsync(CancellationToken cancellationToken)
    {
        var call = _flight.Join(Fresh);
        var now = _time.GetUtcNow();
        if (At(now) is not { } held || held.Token.ExpiresAt <= now)
        {
            return (await call.WaitAsync(cancellationToken)).Unwrap();
        }

        // Old but valid: better than an error, and better than keeping a client waiting beyond its patience.
        try
        {
            return (await call.WaitAsync(_options.Patience, _time, cancellationToken)).Token ?? held.Token;
        }
        catch (TimeoutException)
        {
            return held.Token;
        }
    }

    private AccessToken? Fresh() => FreshAt(_time.GetUtcNow());

    private AccessToken? FreshAt(DateTimeOffset now) => At(now) is { } held && now < held.FreshUntil ? held.Token : null;

    // The token of the moment: a successor that came early waits until its predecessor's time is over.
    private Held? At(DateTimeOffset now) =>
        _held is { Successor: { } successor } held && now >= held.FreshUntil ? successor : _held;

    private AccessToken Living(AccessToken token) =>
        token.ExpiresAt > _time.GetUtcNow() + TimeSpan.FromSeconds(1)
            ? token
            : throw new TokenSourceException(
                TokenSourceFault.Unavailable,
                // Without the moment, which is another with each call and would make each failure a new one to be told.
                "The issuer answered with an access token that has expired; compare this machine's clock with the issuer's.");

    private void Keep(AccessToken token)
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            var freshUntil = RefreshSchedule.FreshUntil(now, token.ExpiresAt, _options.RefreshMargin);
            var refreshAt = RefreshSchedule.RefreshAt(now, freshUntil, _options.RefreshAhead, _options.Jitter());
            var newest = new Held(token, freshUntil, refreshAt);
            _held = At(now) is { } held && now < held.FreshUntil ? held with { Successor = newest } : newest;
        }
    }

    private void Schedule(CallOutcome<AccessToken> outcome, DateTimeOffset retryAt)
    {
        lock (_gate)
        {
            if (outcome.Token is not null)
            {
                WakeAt(RefreshAt);
            }
            else if (outcome.Fault is TokenSourceFault.Unavailable or TokenSourceFault.Rejected && (_keepWarm || ExpiresAt is not null))
            {
                // The other faults last as long as the credential; a mended one comes with a cache of its own.
                WakeAt(retryAt);
            }
        }
    }

    // When the newest token wants a successor; long ago when there is none.
    private DateTimeOffset RefreshAt => (_held?.Successor ?? _held)?.RefreshAt ?? DateTimeOffset.MinValue;

    private void Wake()
    {
        lock (_gate)
        {
            var due = RefreshAt > _wakeAt ? RefreshAt : _wakeAt;
            if (_time.GetUtcNow() < due)
            {
                WakeAt(due);
                return;
            }

            if (!_keepWarm && !_used)
            {
                return;
            }

            _used = false;
        }

        // Not awaited: the outcome comes back through Keep, and outcomes carry failures instead of throwing them.
        _ = _flight.Join(static () => null);
    }

    private void WakeAt(DateTimeOffset moment)
    {
        if (_stopped)
        {
            return;
        }

        _wakeAt = moment;
        var wait = moment - _time.GetUtcNow();
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    private sealed record Held(
        AccessToken Token, DateTimeOffset FreshUntil, DateTimeOffset RefreshAt, Held? Successor = null);
}
