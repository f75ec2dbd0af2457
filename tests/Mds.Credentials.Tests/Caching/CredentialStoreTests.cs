namespace Mds.Credentials.Tests.Caching;

public sealed class CredentialStoreTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Replace_UnchangedCache_KeepsItsTokenAndItsRefresh()
    {
        var (kept, keptSource) = await WarmAsync("kept");
        var (dropped, droppedSource) = await WarmAsync("dropped");
        using var store = new CredentialStore(new([kept, dropped]));
        Assert.Same(dropped, store.Find("dropped"));

        store.Replace(new([kept]));
        Assert.Same(kept, store.Find("kept"));
        Assert.Null(store.Find("dropped"));

        _time.Advance(TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => keptSource.Calls == 2);
        Assert.Equal(1, droppedSource.Calls);
    }

    [Fact]
    public void Construct_SameAccountTwice_NamesIt()
    {
        using var one = new TokenCache("default", new ControllableSource(), _time);
        using var two = new TokenCache("default", new ControllableSource(), _time);

        var failure = Assert.Throws<ArgumentException>(() => new CredentialSet([one, two]));
        Assert.Contains("'default' has 2 credentials", failure.Message, StringComparison.Ordinal);
    }

    private async Task<(TokenCache Cache, ControllableSource Source)> WarmAsync(string account)
    {
        var source = new ControllableSource { Answer = _ => new(account, _time.GetUtcNow() + TimeSpan.FromHours(1)) };
        var cache = new TokenCache(account, source, _time);
        await cache.PrefetchAsync(TestContext.Current.CancellationToken);
        return (cache, source);
    }
}
