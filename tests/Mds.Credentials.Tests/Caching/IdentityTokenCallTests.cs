namespace Mds.Credentials.Tests.Caching;

/// <summary>Identity tokens, which are not kept.</summary>
public sealed class IdentityTokenCallTests : TokenCacheScenario
{
    [Fact]
    public async Task GetIdentityToken_AtOnceAndLater_SharesOneCallAndAsksAgain()
    {
        var request = new IdentityTokenRequest("https://service");
        var callers = Enumerable.Range(0, 1000)
            .Select(_ => Cache.GetIdentityTokenAsync(new("https://service"), CancellationToken.None).AsTask()).ToArray();
        (await Source.NextAsync()).Succeed(new IdentityToken("a", Time.GetUtcNow() + Hour));
        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("a", token.Value));
        Assert.Equal(1, Source.Calls);

        var later = Cache.GetIdentityTokenAsync(request, CancellationToken.None).AsTask();
        (await Source.NextAsync()).Succeed(new IdentityToken("b", Time.GetUtcNow() + Hour));
        Assert.Equal("b", (await later).Value);
    }

    [Fact]
    public async Task GetIdentityToken_DistinctRequests_OneCallEach()
    {
        IdentityTokenRequest[] requests = [new("a"), new("b"), new("a", Full: true), new("a", Full: true, Licenses: true)];
        var callers = requests.Select(request => Cache.GetIdentityTokenAsync(request, CancellationToken.None).AsTask()).ToArray();
        foreach (var _ in requests)
        {
            (await Source.NextAsync()).Succeed(new IdentityToken("t", Time.GetUtcNow() + Hour));
        }

        await Task.WhenAll(callers);
        Assert.Equal(4, Source.Calls);
    }

    [Fact]
    public async Task GetIdentityToken_IssuerRefuses_BacksOff()
    {
        for (var i = 0; i < 3; i++)
        {
            var caller = Cache.GetIdentityTokenAsync(new("a"), CancellationToken.None).AsTask();
            if (i == 0)
            {
                (await Source.NextAsync()).Fail(TokenSourceFault.Rejected);
            }

            await Assert.ThrowsAsync<TokenSourceException>(() => caller);
        }

        Assert.Equal(1, Source.Calls);
        Time.Advance(TimeSpan.FromSeconds(5));
        var again = Cache.GetIdentityTokenAsync(new("a"), CancellationToken.None).AsTask();
        (await Source.NextAsync()).Succeed(new IdentityToken("t", Time.GetUtcNow() + Hour));
        Assert.Equal("t", (await again).Value);
    }
}
