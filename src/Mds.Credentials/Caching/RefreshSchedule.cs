namespace Mds.Credentials;

/// <summary>When to ask the issuer again: functions of times and a random number, nothing else.</summary>
internal static class RefreshSchedule
{
    /// <summary>
    /// The least time between two calls that a token's own short life can cause: an issuer whose tokens live for
    /// seconds is not asked in a loop.
    /// </summary>
    public static readonly TimeSpan MinimumInterval = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Until when a token is served without a thought of another: its expiry less the margin, but at least half of
    /// its life and at least <see cref="MinimumInterval"/> (or its whole life where that is shorter still).
    /// </summary>
    public static DateTimeOffset FreshUntil(DateTimeOffset receivedAt, DateTimeOffset expiresAt, TimeSpan margin)
    {
        var life = expiresAt - receivedAt;
        var fresh = Max(life - margin, life / 2);
        return receivedAt + Min(Max(fresh, MinimumInterval), life);
    }

    /// <summary>
    /// When the background refresh begins: before <paramref name="freshUntil"/> by <paramref name="ahead"/> at most,
    /// by a quarter of the fresh time where that is less, never sooner than <see cref="MinimumInterval"/>.
    /// </summary>
    public static DateTimeOffset RefreshAt(
        DateTimeOffset receivedAt, DateTimeOffset freshUntil, TimeSpan ahead, double jitter)
    {
        var fresh = freshUntil - receivedAt;
        var lead = Min(ahead, fresh / 4) * (1 - jitter);
        return receivedAt + Max(fresh - lead, MinimumInterval);
    }

    /// <summary>
    /// The pause after a failure: doubled with each one in a row, cut at random by up to half. An issuer that is away
    /// is asked at least every 15 s, so that its return is noticed soon; one that refuses, every minute, because only
    /// a person can mend that, and a mended key file has a new cache.
    /// </summary>
    public static TimeSpan RetryAfter(TokenSourceFault fault, int failures, double jitter)
    {
        var (first, most) = fault is TokenSourceFault.Unavailable ? (1.0, 15.0) : (5.0, 60.0);
        var pause = Math.Min(most, first * Math.Pow(2, Math.Min(failures, 16) - 1));
        return TimeSpan.FromSeconds(pause * (1 - (jitter / 2)));
    }

    /// <summary>The later of two moments.</summary>
    public static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    /// <summary>The earlier of two moments.</summary>
    public static DateTimeOffset Earliest(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
