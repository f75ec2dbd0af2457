namespace Mds.Cluster.Tests.Clusters;

/// <summary>Waits for what must come true in the cluster.</summary>
public static class Until
{
    /// <summary>Asks until <paramref name="holds"/> is true of the answer, which is returned.</summary>
    /// <param name="what">What is waited for, for the message of a failing test.</param>
    /// <param name="ask">What is asked, again and again; may throw, as kubectl does while the API server is away.</param>
    /// <param name="holds">Whether the answer is the awaited one.</param>
    /// <param name="cancellation">The test's end.</param>
    public static Task<T> HoldsAsync<T>(
        string what, Func<Task<T>> ask, Func<T, bool> holds, CancellationToken cancellation) =>
        Eventually.HoldsAsync(ask, holds, what, exception => exception is InvalidOperationException, cancellation);
}
