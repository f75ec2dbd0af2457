namespace Mds.Kubernetes;

/// <summary>Waits that double.</summary>
/// <param name="First">The wait after the first failure.</param>
/// <param name="Longest">The wait that is not exceeded.</param>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Longest)
{
    /// <summary>The wait after so many failures in a row.</summary>
    /// <param name="failures">How many; at least 1.</param>
    public TimeSpan After(int failures)
    {
        // As numbers, since a wait that doubled often enough is longer than a TimeSpan can say.
        var ticks = First.Ticks * Math.Pow(2, failures - 1);
        return ticks < Longest.Ticks ? TimeSpan.FromTicks((long)ticks) : Longest;
    }

    /// <summary>The same, and up to as much again, so that many who failed together do not come back together.</summary>
    /// <param name="failures">How many; at least 1.</param>
    public TimeSpan AfterWithJitter(int failures)
    {
#pragma warning disable CA5394 // Jitter keeps no secret.
        return After(failures) * (1 + Random.Shared.NextDouble());
#pragma warning restore CA5394
    }
}
