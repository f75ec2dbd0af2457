using System.Diagnostics;

namespace ControlPlane;

/// <summary>Waits for what must come true, and says what did not.</summary>
public static class Eventually
{
    /// <summary>Generous: only a failing test waits so long.</summary>
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What must come true. Asked often; must be cheap.</param>
    /// <param name="what">What is waited for, for the message of a failing test.</param>
    /// <param name="cancellationToken">The test's end.</param>
    public static Task TrueAsync(Func<bool> condition, string what, CancellationToken cancellationToken) =>
        TrueAsync(() => Task.FromResult(condition()), what, cancellationToken);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What must come true. Asked often; must be cheap.</param>
    /// <param name="what">What is waited for, for the message of a failing test.</param>
    /// <param name="cancellationToken">The test's end.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, string what, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new TimeoutException($"Waited {Deadline.TotalSeconds} s in vain until {what}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        }
    }
}
