namespace Mds.Credentials;

/// <summary>The access token of one scope set: held, served, and replaced ahead of time in the background.</summary>
internal sealed class ScopedToken : IDisposable
{
    // Longer waits are made of several, because timers do not take any length.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    // A clock that is corrected little by little is not set back.
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromSeconds(2);

    private readonly TimeProvider _time;
    private readonly TokenCacheOptions _options;
    private readonly bool _keepWarm;
    private readonly SingleFlight<AccessToken> _flight;
    private readonly ITimer _timer;
    private readonly Lock _gate = new();
    private readonly long _origin;
    private volatile Held? _held;

    // By the time that has passed since the beginning, and not by the clock, which somebody may set.
    private TimeSpan _wakeAt = TimeSpan.MaxValue;
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
        _origin = time.GetTimestamp();
        _lastUsed = time.GetUtcNow().UtcTicks;
        _options = options;
        _keepWarm = keepWarm;
        _flight = new(
            async cancellation => Living(await call(cancellation)),
            begin,
            Keep,
            (outcome, pause) =>
            {
                Schedule(outcome, pause);
                ended(outcome);
            },
            time,
            options);
        _timer = time.CreateTimer(_ => Wake(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>When somebody last asked, in ticks of UTC.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Whether a call is under way.</summary>
    public bool IsUnderWay => _flight.IsUnderWay;

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

    private TimeSpan Elapsed => _time.GetElapsedTime(_origin);

    // The token of the moment: a successor that came early waits until its predecessor's time is over.
    private Held? At(DateTimeOffset now) =>
        Dated(now) is var held && held is { Successor: { } successor } && now >= held.FreshUntil ? successor : held;

    // What is held, with its times as the clock says them now. A clock that was fast and has been set back would give a token
    // more life than it has. Forward it may jump because the machine has slept: the token has grown older meanwhile.
    private Held? Dated(DateTimeOffset now)
    {
        if (_held is not { } held || held.Began - (now - Elapsed) <= ClockTolerance)
        {
            return _held;
        }

        lock (_gate)
        {
            return _held = _held!.Earlier(_held.Began - (now - Elapsed));
        }
    }

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
            var newest = new Held(token, freshUntil, refreshAt, now - Elapsed);
            _held = At(now) switch
            {
                // Another metadata server gives the one that it has until it has another: asked again soon, and not served as
                // if it were a new one of a short life.
                { } held when held.Token.Value == token.Value && token.ExpiresAt < held.Token.ExpiresAt + RefreshSchedule.MinimumInterval =>
                    newest with
                    {
                        FreshUntil = RefreshSchedule.Latest(
                            held.FreshUntil, RefreshSchedule.Earliest(now + RefreshSchedule.MinimumInterval, token.ExpiresAt)),
                        RefreshAt = now + RefreshSchedule.MinimumInterval,
                    },
                { } held when now < held.FreshUntil => held with { Successor = newest },
                _ => newest,
            };
        }
    }

    private void Schedule(CallOutcome<AccessToken> outcome, TimeSpan pause)
    {
        lock (_gate)
        {
            if (outcome.Token is not null)
            {
                WakeIn(UntilRefresh);
            }
            else if (outcome.Fault is TokenSourceFault.Unavailable or TokenSourceFault.Rejected or TokenSourceFault.Missing && (_keepWarm || ExpiresAt is not null))
            {
                // The other faults last as long as the credential; a mended one comes with a cache of its own.
                WakeIn(pause);
            }
        }
    }

    // Until the newest token wants a successor; nothing when there is none.
    private TimeSpan UntilRefresh => _time.GetUtcNow() is var now && Dated(now) is { } held
        ? (held.Successor ?? held).RefreshAt - now
        : TimeSpan.Zero;

    private void Wake()
    {
        lock (_gate)
        {
            var (refresh, wake) = (UntilRefresh, _wakeAt - Elapsed);
            if (refresh > TimeSpan.Zero || wake > TimeSpan.Zero)
            {
                WakeIn(refresh > wake ? refresh : wake);
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

    private void WakeIn(TimeSpan wait)
    {
        if (_stopped)
        {
            return;
        }

        _wakeAt = Elapsed + wait;
        wait = wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
        _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <param name="Token">The token.</param>
    /// <param name="FreshUntil">Until when it is served without a thought of another.</param>
    /// <param name="RefreshAt">When another is asked for.</param>
    /// <param name="Began">What the clock showed at the beginning of the elapsed time, as it went when the token came.</param>
    /// <param name="Successor">The token that is served next.</param>
    private sealed record Held(
        AccessToken Token, DateTimeOffset FreshUntil, DateTimeOffset RefreshAt, DateTimeOffset Began, Held? Successor = null)
    {
        /// <summary>The same for a clock that was set back.</summary>
        public Held Earlier(TimeSpan by) => new(
            Token with { ExpiresAt = Token.ExpiresAt - by }, FreshUntil - by, RefreshAt - by, Began - by, Successor?.Earlier(by));
    }
}
