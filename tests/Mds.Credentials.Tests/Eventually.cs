namespace Mds.Credentials.Tests;

/// <summary>Waits for what happens on another thread.</summary>
internal static class Eventually
{
    public static TimeSpan Deadline { get; } = TimeSpan.FromSeconds(60);

    public static async Task TrueAsync(Func<bool> condition)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);
        while (!condition())
        {
            await Task.Delay(1, limit.Token);
        }
    }
}
