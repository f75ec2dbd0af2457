namespace Mds.Credentials.Tests.Caching;

/// <summary>A cache over a source that the test answers for, under a clock that the test moves.</summary>
public abstract class TokenCacheScenario : IDisposable
{
    private protected static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    protected TokenCacheScenario()
    {
        Cache = new("default", Source, Time, new() { Jitter = () => Jitter });
        Cache.StateChanged += (_, change) => Changes.Add(change);
    }

    private protected ManualTime Time { get; } = new();

    private protected ControllableSource Source { get; } = new();

    private protected TokenCache Cache { get; }

    private protected List<TokenCacheStateChange> Changes { get; } = [];

    private protected double Jitter { get; set; }

    public void Dispose()
    {
        Cache.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected async Task WarmAsync(string token)
    {
        var first = GetAsync();
        (await Source.NextAsync()).Succeed(Token(token));
        await first;
    }

    private protected async Task<AccessToken> GetAsync(params string[] scopes) =>
        await Cache.GetAccessTokenAsync(scopes, TestContext.Current.CancellationToken);

    private protected AccessToken Token(string value) => new(value, Time.GetUtcNow() + Hour);

    private protected Task CallsEndedAsync(int count) =>
        Eventually.TrueAsync(() => Cache.State.Successes + Cache.State.Failures >= count);

    // Lets time pass, and what the passing sets going come to its end.
    private protected async Task PassAsync(TimeSpan by)
    {
        Time.Advance(by);
        await Eventually.TrueAsync(() => Cache.State is { } state && state.Calls == state.Successes + state.Failures);
    }
}
