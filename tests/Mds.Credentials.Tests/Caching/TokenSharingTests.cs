namespace Mds.Credentials.Tests.Caching;

/// <summary>Who shares a call to the issuer, and what becomes of those who do not wait for its end.</summary>
public sealed class TokenSharingTests : TokenCacheScenario
{
    [Fact]
    public async Task GetAccessToken_ThousandCallersAtOnce_OneCall()
    {
        var callers = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => GetAsync())).ToArray();
        (await Source.NextAsync()).Succeed(Token("a"));

        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("a", token.Value));
        Assert.Equal(1, Source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_SameScopesInAnotherOrder_SameToken()
    {
        var first = GetAsync("b", "a", "b");
        var call = await Source.NextAsync();
        call.Succeed(Token("x"));

        Assert.Equal("a b", call.What);
        Assert.Equal("x", (await first).Value);
        Assert.Equal("x", (await GetAsync("a", "b")).Value);
        Assert.Equal(1, Source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_DistinctScopes_OneCallEach()
    {
        Source.Answer = what => Token(what);

        Assert.Equal("a", (await GetAsync("a")).Value);
        Assert.Equal("b", (await GetAsync("b")).Value);
        Assert.Equal("", (await GetAsync()).Value);
        Assert.Equal(3, Source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_OneCallerCancels_OthersAreAnswered()
    {
        using var impatience = new CancellationTokenSource();
        var impatient = Cache.GetAccessTokenAsync([], impatience.Token).AsTask();
        var patient = GetAsync();
        var call = await Source.NextAsync();
        await impatience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(call.Cancellation.IsCancellationRequested);
        call.Succeed(Token("a"));
        Assert.Equal("a", (await patient).Value);
    }

    [Fact]
    public async Task GetAccessToken_OnlyCallerCancels_TokenIsKeptForTheNext()
    {
        using var impatience = new CancellationTokenSource();
        var impatient = Cache.GetAccessTokenAsync([], impatience.Token).AsTask();
        var call = await Source.NextAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        call.Succeed(Token("a"));
        await CallsEndedAsync(1);

        Assert.Equal("a", (await GetAsync()).Value);
        Assert.Equal(1, Source.Calls);
    }

    // One client that writes a list as one scope is refused, and nobody else.
    [Fact]
    public async Task GetAccessToken_ScopeWithASpace_IsNotTwoScopes()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "no such scope");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync("a b"));
        Source.Answer = _ => Token("x");

        Assert.Equal("x", (await GetAsync("a", "b")).Value);
        Assert.Equal(2, Source.Calls);
    }

    // More of them than are held: one whose call is under way makes no room for others.
    [Fact]
    public async Task GetAccessToken_MoreScopeSetsThanAreHeldWithASlowIssuer_OneCallEach()
    {
        var callers = Enumerable.Range(0, 1000).Select(i => GetAsync($"scope-{i % 200}")).ToList();
        for (var i = 0; i < 200; i++)
        {
            var call = await Source.NextAsync();
            call.Succeed(Token(call.What));
        }

        var tokens = await Task.WhenAll(callers);

        Assert.Equal(200, Source.Calls);
        Assert.All(tokens.Index(), token => Assert.Equal($"scope-{token.Index % 200}", token.Item.Value));
    }

    [Fact]
    public async Task GetAccessToken_EverMoreScopeSetsOfASlowIssuer_RefusedAndBackToTheBoundAfterwards()
    {
        var callers = Enumerable.Range(0, 4 * 64).Select(i => GetAsync($"scope-{i}")).ToList();

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync("one-more"));

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Equal("The issuer is being asked for 256 different things at once, which is enough; ask again.", failure.Message);
        for (var i = 0; i < callers.Count; i++)
        {
            var call = await Source.NextAsync();
            call.Succeed(Token(call.What));
        }

        await Task.WhenAll(callers);
        await CallsEndedAsync(callers.Count);
        Source.Answer = what => Token(what);
        await GetAsync("one-more");
        Assert.Equal(63, Enumerable.Range(0, callers.Count).Count(i => Cache.FindAccessToken([$"scope-{i}"]) is not null));
    }

    [Fact]
    public async Task GetIdentityToken_MoreAudiencesThanAreRememberedWithASlowIssuer_OneCallEach()
    {
        var callers = Enumerable.Range(0, 3000).Select(i => Cache.GetIdentityTokenAsync(new($"{i % 1500}"), TestContext.Current.CancellationToken).AsTask()).ToList();
        var token = new IdentityToken("t", Time.GetUtcNow() + Hour);
        for (var i = 0; i < 1500; i++)
        {
            (await Source.NextAsync()).Succeed(token);
        }

        await Task.WhenAll(callers);

        Assert.Equal(1500, Source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_ManyScopeSets_HoldsABoundedNumber()
    {
        Source.Answer = what => Token(what);
        await GetAsync();
        for (var i = 0; i < 100; i++)
        {
            await GetAsync($"scope-{i}");
            Time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(101, Source.Calls);
        await GetAsync();
        await GetAsync("scope-99");
        await GetAsync("scope-36");
        Assert.Equal(101, Source.Calls);
        await GetAsync("scope-35");
        Assert.Equal(102, Source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_ManyScopeSetsAtOnce_OneCallEachWithoutLimit()
    {
        Source.Answer = what => Token(what);
        var callers = Enumerable.Range(0, 1000).Select(i => Task.Run(() => GetAsync($"scope-{i % 50}"))).ToArray();

        var tokens = await Task.WhenAll(callers);

        Assert.All(tokens.Index(), token => Assert.Equal($"scope-{token.Index % 50}", token.Item.Value));
        Assert.Equal(50, Source.Calls);
        for (var i = 0; i < 200; i++)
        {
            Assert.Equal($"another-{i}", (await GetAsync($"another-{i}")).Value);
        }
    }
}
