using System.Diagnostics;

namespace Mds.Cluster.Tests.Clusters;

/// <summary>Waits for what must come true in the cluster.</summary>
public static class Until
{
    /// <summary>Generous: only a failing test waits so long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks until <paramref name="holds"/> is true of the answer, which is returned.</summary>
    /// <param name="what">What is waited for, for the message of a failing test.</param>
    /// <param name="ask">What is asked, again and again; may throw, as kubectl does while the API server is away.</param>
    /// <param name="holds">Whether the answer is the awaited one.</param>
    /// <param name="cancellation">The test's end.</param>
    public static async Task<T> HoldsAsync<T>(
        string what, Func<Task<T>> ask, Func<T, bool> holds, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        for (; ; )
        {
            object? last;
            try
            {
                var answer = await ask();
                if (holds(answer))
                {
                    return answer;
                }

                last = answer;
            }
            catch (InvalidOperationException exception)
            {
                last = exception.Message;
            }

            if (Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new TimeoutException($"Waited {Deadline.TotalMinutes} minutes in vain until {what}. Last seen:\n{last}");
            }

            await Task.Delay(Pause, cancellation);
        }
    }
}
