namespace Mds.Credentials;

/// <summary>
/// Calls the issuer for one thing, once at a time: whoever asks while a call is under way shares it, and whoever asks
/// soon after a failure is told that failure again until the back-off is over, so that neither many clients nor
/// impatient ones become a stampede. A waiter that goes away does not end the call that others wait for.
/// </summary>
/// <param name="call">The call itself.</param>
/// <param name="begin">Asked before each call: <see langword="null"/> lets it be made, anything else is told instead.</param>
/// <param name="keep">Given each token before anybody can start the next call.</param>
/// <param name="ended">Told of each outcome once the next call may start, and how long until a failed call may be repeated.</param>
/// <param name="time">The clock.</param>
/// <param name="options">Time limit and jitter.</param>
internal sealed class SingleFlight<TToken>(
    Func<CancellationToken, Task<TToken>> call,
    Func<TokenSourceException?> begin,
    Action<TToken> keep,
    Action<CallOutcome<TToken>, TimeSpan> ended,
    TimeProvider time,
    TokenCacheOptions options)
    where TToken : class
{
    private readonly Lock _gate = new();
    private Task<CallOutcome<TToken>>? _underWay;
    private CallOutcome<TToken>? _lastFailure;
    private int _failures;

    // Not by the clock, which somebody may set: a pause would become as long as the clock was fast.
    private long _failedAt;
    private TimeSpan _pause;

    /// <summary>Whether a call is under way.</summary>
    public bool IsUnderWay
    {
        get
        {
            lock (_gate)
            {
                return _underWay is not null;
            }
        }
    }

    /// <summary>The outcome of the call under way, of the failure still being backed off from, or of a new call.</summary>
    /// <param name="fresh">
    /// Looked at where a new call would begin: a call may have ended since the caller last looked, and its token is
    /// then the answer.
    /// </param>
    public Task<CallOutcome<TToken>> Join(Func<TToken?> fresh)
    {
        lock (_gate)
        {
            if (_underWay is not null)
            {
                return _underWay;
            }

            if (fresh() is { } token)
            {
                return Task.FromResult(new CallOutcome<TToken>(token));
            }

            if (_lastFailure is not null && time.GetElapsedTime(_failedAt) < _pause)
            {
                return Task.FromResult(_lastFailure);
            }

            if (begin() is { } refusal)
            {
                return Task.FromResult(new CallOutcome<TToken>(refusal, isFirst: false));
            }

            // Away from the caller's thread, which holds the gate.
            return _underWay = Task.Run(CallAsync);
        }
    }

    private async Task<CallOutcome<TToken>> CallAsync()
    {
        var outcome = await OutcomeAsync();
        if (outcome.Token is { } token)
        {
            keep(token);
        }

        TimeSpan pause;
        lock (_gate)
        {
            _lastFailure = outcome.Fault is null ? null : outcome;
            _failures = outcome.Fault is null ? 0 : _failures + 1;
            _failedAt = time.GetTimestamp();
            _pause = pause = outcome.Fault is { } fault ? RefreshSchedule.RetryAfter(fault, _failures, options.Jitter()) : default;
            _underWay = null;
        }

        ended(outcome, pause);
        return outcome;
    }

    private async Task<CallOutcome<TToken>> OutcomeAsync()
    {
        using var limit = new CancellationTokenSource(options.CallTimeout, time);
        try
        {
            // On a thread of its own: hardware may sign before the source first awaits, and is to be waited for no longer either.
            return new(await Task.Run(() => call(limit.Token), limit.Token).WaitAsync(limit.Token));
        }
        catch (TokenSourceException e)
        {
            return Failed(e);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Failed(new(
                TokenSourceFault.Unavailable,
                $"The token issuer did not answer within {options.CallTimeout.TotalSeconds:0.###} s."));
        }
        catch (Exception e)
        {
            // A source maps what it expects; the rest must reach the waiters too, and must not end the refreshing.
            return Failed(new(
                TokenSourceFault.Unavailable, $"The token source failed in an unforeseen way ({e.GetType().Name}).", e));
        }
    }

    // Calls follow one another, so the last failure is that of the call before.
    private CallOutcome<TToken> Failed(TokenSourceException failure) => new(failure, isFirst: _failures == 0);
}
