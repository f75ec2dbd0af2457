namespace Mds.Credentials.Tests.Caching;

public sealed class TokenCacheTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly ManualTime _time = new();
    private readonly ControllableSource _source = new();
    private readonly TokenCache _cache;
    private readonly List<TokenCacheStateChange> _changes = [];
    private double _jitter;

    public TokenCacheTests()
    {
        _cache = new("default", _source, _time, new() { Jitter = () => _jitter });
        _cache.StateChanged += (_, change) => _changes.Add(change);
    }

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task GetAccessToken_ThousandCallersAtOnce_OneCall()
    {
        var callers = Enumerable.Range(0, 1000).Select(_ => Task.Run(() => GetAsync())).ToArray();
        (await _source.NextAsync()).Succeed(Token("a"));

        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("a", token.Value));
        Assert.Equal(1, _source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_SameScopesInAnotherOrder_SameToken()
    {
        var first = GetAsync("b", "a", "b");
        var call = await _source.NextAsync();
        call.Succeed(Token("x"));

        Assert.Equal("a b", call.What);
        Assert.Equal("x", (await first).Value);
        Assert.Equal("x", (await GetAsync("a", "b")).Value);
        Assert.Equal(1, _source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_DistinctScopes_OneCallEach()
    {
        _source.Answer = what => Token(what);

        Assert.Equal("a", (await GetAsync("a")).Value);
        Assert.Equal("b", (await GetAsync("b")).Value);
        Assert.Equal("", (await GetAsync()).Value);
        Assert.Equal(3, _source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_OneCallerCancels_OthersAreAnswered()
    {
        using var impatience = new CancellationTokenSource();
        var impatient = _cache.GetAccessTokenAsync([], impatience.Token).AsTask();
        var patient = GetAsync();
        var call = await _source.NextAsync();
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
        var impatient = _cache.GetAccessTokenAsync([], impatience.Token).AsTask();
        var call = await _source.NextAsync();
        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        call.Succeed(Token("a"));
        await CallsEndedAsync(1);

        Assert.Equal("a", (await GetAsync()).Value);
        Assert.Equal(1, _source.Calls);
    }

    [Fact]
    public async Task GetAccessToken_Until330SecondsAreLeft_SameToken()
    {
        await WarmAsync("a");
        _time.Advance(Hour - TimeSpan.FromSeconds(330 + 121));
        Assert.Equal("a", (await GetAsync()).Value);
        Assert.Equal(1, _source.Calls);

        // The background refresh comes at most 120 s before, and its token waits for its turn.
        _time.Advance(TimeSpan.FromSeconds(1));
        (await _source.NextAsync()).Succeed(Token("b"));
        await CallsEndedAsync(2);
        _time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal("a", (await GetAsync()).Value);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("b", (await GetAsync()).Value);
        Assert.Equal(2, _source.Calls);
    }

    [Theory]
    [InlineData(0.0, 120)]
    [InlineData(0.5, 60)]
    [InlineData(0.999, 0.12)]
    public async Task BackgroundRefresh_Jitter_WithinItsBounds(double jitter, double secondsAhead)
    {
        _jitter = jitter;
        await WarmAsync("a");

        var expected = Hour - TimeSpan.FromSeconds(330 + secondsAhead);
        Assert.Equal(expected.TotalSeconds, _time.NextTimer!.Value.TotalSeconds, 0.001);
    }

    [Fact]
    public async Task GetAccessToken_UpstreamDownWhileValid_OldTokenThenExceptionThenRecovery()
    {
        await WarmAsync("a");
        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");

        for (var left = Hour; left > TimeSpan.FromSeconds(1); left -= TimeSpan.FromSeconds(1))
        {
            Assert.Equal("a", (await GetAsync()).Value);
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        await PassAsync(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Equal((TokenSourceFault.Unavailable, "the issuer is down"), (failure.Fault, failure.Message));

        // It went on asking, but never more than eight times a minute once the back-off had grown.
        Assert.InRange(_source.Calls, 30, 1 + (450 / 7.5) + 6);

        _source.Answer = _ => Token("b");
        await PassAsync(TimeSpan.FromSeconds(15));
        await Eventually.TrueAsync(() => _cache.State.Health is TokenCacheHealth.Valid);
        Assert.Equal("b", (await GetAsync()).Value);
    }

    [Fact]
    public async Task GetAccessToken_UpstreamDownForAnHour_CallsPerMinuteAreBounded()
    {
        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");
        for (var minute = 0; minute < 60; minute++)
        {
            var before = _source.Calls;
            for (var second = 0; second < 60; second++)
            {
                await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
                await PassAsync(TimeSpan.FromSeconds(1));
            }

            Assert.InRange(_source.Calls - before, 1, minute == 0 ? 10 : 9);
        }
    }

    [Fact]
    public async Task GetAccessToken_IssuerRefuses_IsAskedAboutOnceAMinute()
    {
        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "no");
        for (var second = 0; second < 1200; second++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(_source.Calls, 15, 45);
    }

    [Fact]
    public async Task GetAccessToken_UnusableCredential_IsNotRetriedInTheBackground()
    {
        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unusable, "broken");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());

        _time.Advance(Hour);
        Assert.Equal(1, _source.Calls);
        Assert.Null(_time.NextTimer);
    }

    [Fact]
    public async Task GetAccessToken_OldTokenAndSlowIssuer_ServedWithinPatience()
    {
        _jitter = 0.999;
        await WarmAsync("a");
        _time.Advance(Hour - TimeSpan.FromSeconds(300));
        var call = await _source.NextAsync();

        var waiting = GetAsync();
        Assert.False(waiting.IsCompleted);
        await Eventually.TrueAsync(() => _time.NextTimer <= TimeSpan.FromMilliseconds(200));
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal("a", (await waiting).Value);

        call.Succeed(Token("b"));
        await CallsEndedAsync(2);
        Assert.Equal("b", (await GetAsync()).Value);
    }

    [Fact]
    public async Task GetAccessToken_IssuerNeverAnswers_TimesOutInWords()
    {
        var waiting = GetAsync();
        var call = await _source.NextAsync();
        await Eventually.TrueAsync(() => _time.NextTimer is not null);
        _time.Advance(TimeSpan.FromSeconds(30));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => waiting);
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains("within 30 s", failure.Message, StringComparison.Ordinal);
        Assert.True(call.Cancellation.IsCancellationRequested);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    [InlineData(299)]
    [InlineData(340)]
    public async Task GetAccessToken_ShortLivedTokens_DoNotLoop(int life)
    {
        _source.Answer = _ => new("t", _time.GetUtcNow() + TimeSpan.FromSeconds(life));
        for (var second = 0; second < 600; second++)
        {
            Assert.True((await GetAsync()).ExpiresAt > _time.GetUtcNow());
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        // One call for each half life, or for each whole one where half would be less than ten seconds.
        Assert.InRange(_source.Calls, 1, 2 + (600 / Math.Max(3, (life / 2) - (life / 8))));
    }

    [Fact]
    public async Task GetAccessToken_TokenAlreadyExpired_FailsNamingTheClock()
    {
        _source.Answer = _ => new("t", _time.GetUtcNow() - TimeSpan.FromMinutes(10));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Contains("clock", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAccessToken_SourceThrowsSomethingElse_IsUnavailable()
    {
        _source.Answer = _ => throw new NotSupportedException("the inner words");

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.DoesNotContain("the inner words", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAccessToken_ManyScopeSets_HoldsABoundedNumber()
    {
        _source.Answer = what => Token(what);
        await GetAsync();
        for (var i = 0; i < 100; i++)
        {
            await GetAsync($"scope-{i}");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.Equal(101, _source.Calls);
        await GetAsync();
        await GetAsync("scope-99");
        await GetAsync("scope-36");
        Assert.Equal(101, _source.Calls);
        await GetAsync("scope-35");
        Assert.Equal(102, _source.Calls);
    }

    [Fact]
    public async Task BackgroundRefresh_ScopesNobodyUses_AreLetGo()
    {
        _source.Answer = what => Token(what);
        await GetAsync("rare");

        for (var hour = 0; hour < 24; hour++)
        {
            await PassAsync(Hour);
        }

        // Used in the first hour, so renewed once.
        Assert.Equal(2, _source.Calls);
    }

    [Fact]
    public async Task BackgroundRefresh_DefaultScopes_AreKeptWarm()
    {
        _source.Answer = what => Token(what);
        await _cache.PrefetchAsync(TestContext.Current.CancellationToken);
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            await PassAsync(TimeSpan.FromMinutes(1));
            Assert.True(_cache.State.ExpiresAt > _time.GetUtcNow() + TimeSpan.FromSeconds(330 - 60));
        }

        // A token serves for 52.5 minutes or more before its successor is fetched.
        Assert.InRange(_source.Calls, 24, 28);
    }

    [Fact]
    public async Task Dispose_HeldToken_StillServedWithoutBackgroundWork()
    {
        await WarmAsync("a");
        _cache.Dispose();

        Assert.Null(_time.NextTimer);
        Assert.Equal("a", (await GetAsync()).Value);
        _source.Answer = _ => Token("b");
        _time.Advance(Hour);
        Assert.Equal("b", (await GetAsync()).Value);
        Assert.Null(_time.NextTimer);
    }

    [Fact]
    public async Task GetIdentityToken_AtOnce_SharesOneCall_Later_AsksAgain()
    {
        var request = new IdentityTokenRequest("https://service");
        var callers = Enumerable.Range(0, 1000)
            .Select(_ => _cache.GetIdentityTokenAsync(new("https://service"), CancellationToken.None).AsTask()).ToArray();
        (await _source.NextAsync()).Succeed(new IdentityToken("a", _time.GetUtcNow() + Hour));
        Assert.All(await Task.WhenAll(callers), token => Assert.Equal("a", token.Value));
        Assert.Equal(1, _source.Calls);

        var later = _cache.GetIdentityTokenAsync(request, CancellationToken.None).AsTask();
        (await _source.NextAsync()).Succeed(new IdentityToken("b", _time.GetUtcNow() + Hour));
        Assert.Equal("b", (await later).Value);
    }

    [Fact]
    public async Task GetIdentityToken_DistinctRequests_OneCallEach()
    {
        IdentityTokenRequest[] requests = [new("a"), new("b"), new("a", Full: true), new("a", Full: true, Licenses: true)];
        var callers = requests.Select(request => _cache.GetIdentityTokenAsync(request, CancellationToken.None).AsTask()).ToArray();
        foreach (var _ in requests)
        {
            (await _source.NextAsync()).Succeed(new IdentityToken("t", _time.GetUtcNow() + Hour));
        }

        await Task.WhenAll(callers);
        Assert.Equal(4, _source.Calls);
    }

    [Fact]
    public async Task GetIdentityToken_IssuerRefuses_BacksOff()
    {
        for (var i = 0; i < 3; i++)
        {
            var caller = _cache.GetIdentityTokenAsync(new("a"), CancellationToken.None).AsTask();
            if (i == 0)
            {
                (await _source.NextAsync()).Fail(TokenSourceFault.Rejected);
            }

            await Assert.ThrowsAsync<TokenSourceException>(() => caller);
        }

        Assert.Equal(1, _source.Calls);
        _time.Advance(TimeSpan.FromSeconds(5));
        var again = _cache.GetIdentityTokenAsync(new("a"), CancellationToken.None).AsTask();
        (await _source.NextAsync()).Succeed(new IdentityToken("t", _time.GetUtcNow() + Hour));
        Assert.Equal("t", (await again).Value);
    }

    [Fact]
    public async Task State_SuccessFailureSuccess_ChangesOnceEach()
    {
        Assert.Equal(TokenCacheHealth.Unknown, _cache.State.Health);
        await WarmAsync("a");
        Assert.Equal((TokenCacheHealth.Valid, _time.GetUtcNow() + Hour), (_cache.State.Health, _cache.State.ExpiresAt));

        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "the key was deleted");
        await PassAsync(Hour);
        await PassAsync(Hour);
        var failed = _cache.State;
        Assert.Equal(
            (TokenCacheHealth.Failed, TokenSourceFault.Rejected, "the key was deleted", null),
            (failed.Health, failed.Fault, failed.Message, failed.ExpiresAt));
        Assert.Equal(_source.Calls, failed.Calls);
        Assert.Equal(_source.Calls - 1, failed.Failures);

        _source.Answer = _ => Token("b");
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((TokenCacheHealth.Valid, null, null), (_cache.State.Health, _cache.State.Fault, _cache.State.Message));
        Assert.Equal(
            [TokenCacheHealth.Valid, TokenCacheHealth.Failed, TokenCacheHealth.Valid],
            _changes.Select(change => change.Current.Health));
    }

    [Fact]
    public async Task State_OneScopeRefused_CredentialStaysValid()
    {
        await WarmAsync("a");
        _source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "no such scope");

        var heard = new List<TokenCallFailure>();
        _cache.CallFailed += (_, failure) => heard.Add(failure);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync("nonsense"));
            await PassAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(TokenCacheHealth.Valid, _cache.State.Health);
        Assert.Equal(3, _cache.State.Failures);
        Assert.Equal(
            new TokenCallFailure("an access token for nonsense", TokenSourceFault.Rejected, "no such scope"), Assert.Single(heard));
    }

    private async Task WarmAsync(string token)
    {
        var first = GetAsync();
        (await _source.NextAsync()).Succeed(Token(token));
        await first;
    }

    private async Task<AccessToken> GetAsync(params string[] scopes) =>
        await _cache.GetAccessTokenAsync(scopes, TestContext.Current.CancellationToken);

    private AccessToken Token(string value) => new(value, _time.GetUtcNow() + Hour);

    private Task CallsEndedAsync(int count) => Eventually.TrueAsync(() => _cache.State.Successes + _cache.State.Failures >= count);

    // Lets time pass, and what the passing sets going come to its end.
    private async Task PassAsync(TimeSpan by)
    {
        _time.Advance(by);
        await Eventually.TrueAsync(() => _cache.State is { } state && state.Calls == state.Successes + state.Failures);
    }
}
