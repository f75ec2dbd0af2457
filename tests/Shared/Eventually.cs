using System.Diagnostics;
using System.Runtime.CompilerServices;
using Xunit;

namespace Mds.Tests;

/// <summary>Waits for what must come true, and says what did not.</summary>
internal static class Eventually
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Generous: only a failing test waits so long.</summary>
    public static TimeSpan Deadline { get; } = TimeSpan.FromMinutes(4);

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    /// <param name="condition">What must come true.</param>
    /// <param name="what">What is waited for, as the end of a sentence that begins with "Waited until".</param>
    /// <param name="cancellationToken">The test's end; none means that of the current test.</param>
    public static Task TrueAsync(
        Func<bool> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "",
        CancellationToken? cancellationToken = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, cancellationToken);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, CancellationToken?)"/>
    public static Task TrueAsync(
        Func<Task<bool>> condition,
        [CallerArgumentExpression(nameof(condition))] string what = "",
        CancellationToken? cancellationToken = null) =>
        HoldsAsync(condition, isTrue => isTrue, what, cancellationToken: cancellationToken);

    /// <summary>Asks until the answer is the awaited one, which is returned.</summary>
    /// <param name="ask">What is asked, again and again.</param>
    /// <param name="holds">Whether an answer is the awaited one.</param>
    /// <param name="what">What is waited for, as the end of a sentence that begins with "Waited until".</param>
    /// <param name="passes">Which exceptions of <paramref name="ask"/> are no answer yet; none, unless told otherwise.</param>
    /// <param name="cancellationToken">The test's end; none means that of the current test.</param>
    public static async Task<T> HoldsAsync<T>(
        Func<Task<T>> ask,
        Func<T, bool> holds,
        string what,
        Func<Exception, bool>? passes = null,
        CancellationToken? cancellationToken = null)
    {
        var start = Stopwatch.GetTimestamp();
        for (var pause = TimeSpan.FromMilliseconds(1); ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
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
            catch (Exception exception) when (passes?.Invoke(exception) is true)
            {
                last = exception.Message;
            }

            if (Stopwatch.GetElapsedTime(start) > Deadline)
            {
                throw new TimeoutException($"Waited {Deadline.TotalMinutes} minutes in vain until {what}. Last seen: {last}");
            }

            await Task.Delay(pause, cancellationToken ?? TestContext.Current.CancellationToken);
        }
    }
}
