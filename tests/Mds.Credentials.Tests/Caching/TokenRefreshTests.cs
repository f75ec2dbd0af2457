namespace Mds.Credentials.Tests.Caching;

/// <summary>When a token gives way to the next one.</summary>
public sealed class TokenRefreshTests : TokenCacheScenario
{
    [Fact]
    public async Task GetAccessToken_Until330SecondsAreLeft_SameToken()
    {
        await WarmAsync("a");
        Time.Advance(Hour - TimeSpan.FromSeconds(330 + 121));
        Assert.Equal("a", (await GetAsync()).Value);
        Assert.Equal(1, Source.Calls);

        // The background refresh comes at most 120 s before, and its token waits for its turn.
        Time.Advance(TimeSpan.FromSeconds(1));
        (await Source.NextAsync()).Succeed(Token("b"));
        await CallsEndedAsync(2);
        Time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal("a", (await GetAsync()).Value);

        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("b", (await GetAsync()).Value);
        Assert.Equal(2, Source.Calls);
    }

    [Theory]
    [InlineData(0.0, 120)]
    [InlineData(0.5, 60)]
    [InlineData(0.999, 0.12)]
    public async Task BackgroundRefresh_Jitter_WithinItsBounds(double jitter, double secondsAhead)
    {
        Jitter = jitter;
        await WarmAsync("a");

        var expected = Hour - TimeSpan.FromSeconds(330 + secondsAhead);
        Assert.Equal(expected.TotalSeconds, Time.NextTimer!.Value.TotalSeconds, 0.001);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(60)]
    [InlineData(299)]
    [InlineData(340)]
    public async Task GetAccessToken_ShortLivedTokens_DoNotLoop(int life)
    {
        Source.Answer = _ => new("t", Time.GetUtcNow() + TimeSpan.FromSeconds(life));
        for (var second = 0; second < 600; second++)
        {
            Assert.True((await GetAsync()).ExpiresAt > Time.GetUtcNow());
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        // One call for each half life, or for each whole one where half would be less than ten seconds.
        Assert.InRange(Source.Calls, 1, 2 + (600 / Math.Max(3, (life / 2) - (life / 8))));
    }

    // A metadata server in front gives the token that it has until 300 s of it are left.
    [Fact]
    public async Task GetAccessToken_IssuerGivesTheOldTokenForAWhile_TheNextOneSoonAfterItIsThere()
    {
        var (count, end) = (0, Time.GetUtcNow());
        Source.Answer = _ =>
        {
            if (end - Time.GetUtcNow() <= TimeSpan.FromSeconds(300))
            {
                (count, end) = (count + 1, Time.GetUtcNow() + Hour);
            }

            return new($"{count}", end);
        };
        for (var second = 0; second < 4 * 3600; second++)
        {
            var left = (await GetAsync()).ExpiresAt - Time.GetUtcNow();
            Assert.True(left >= TimeSpan.FromSeconds(300 - 11), $"A token was served that lives for {left} only.");
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        // Each ten seconds from when the successor is due, 450 s before the end at the earliest.
        Assert.InRange(Source.Calls, 5, 5 * 16);
    }

    // The clock was ten minutes fast, and somebody has set it right.
    [Fact]
    public async Task GetAccessToken_ClockSetBack_TokenGrowsNoYounger()
    {
        await WarmAsync("a");
        Time.Advance(TimeSpan.FromMinutes(30));
        Time.SetClock(TimeSpan.FromMinutes(-10));

        var token = await GetAsync();

        Assert.Equal(("a", TimeSpan.FromMinutes(30)), (token.Value, token.ExpiresAt - Time.GetUtcNow()));
        Assert.Equal(token.ExpiresAt, Cache.State.ExpiresAt);
        Time.Advance(TimeSpan.FromSeconds(1800 - 330 - 121));
        Assert.Equal(1, Source.Calls);
        Time.Advance(TimeSpan.FromSeconds(1));
        (await Source.NextAsync()).Succeed(Token("b"));
        await CallsEndedAsync(2);
        Time.Advance(TimeSpan.FromSeconds(120));
        Assert.Equal("b", (await GetAsync()).Value);
    }

    // The machine has slept: no timer has run meanwhile, and the clock tells the truth.
    [Fact]
    public async Task GetAccessToken_ClockJumpsForward_TokenIsOld()
    {
        await WarmAsync("a");
        Time.SetClock(Hour);

        var next = GetAsync();
        (await Source.NextAsync()).Succeed(Token("b"));

        Assert.Equal("b", (await next).Value);
    }

    [Fact]
    public async Task BackgroundRefresh_ScopesNobodyUses_AreLetGo()
    {
        Source.Answer = what => Token(what);
        await GetAsync("rare");

        for (var hour = 0; hour < 24; hour++)
        {
            await PassAsync(Hour);
        }

        // Used in the first hour, so renewed once.
        Assert.Equal(2, Source.Calls);
    }

    [Fact]
    public async Task BackgroundRefresh_DefaultScopes_AreKeptWarm()
    {
        Source.Answer = what => Token(what);
        await Cache.PrefetchAsync(TestContext.Current.CancellationToken);
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            await PassAsync(TimeSpan.FromMinutes(1));
            Assert.True(Cache.State.ExpiresAt > Time.GetUtcNow() + TimeSpan.FromSeconds(330 - 60));
        }

        // A token serves for 52.5 minutes or more before its successor is fetched.
        Assert.InRange(Source.Calls, 24, 28);
    }

    [Fact]
    public async Task Dispose_HeldToken_StillServedWithoutBackgroundWork()
    {
        await WarmAsync("a");
        Cache.Dispose();

        Assert.Null(Time.NextTimer);
        Assert.Equal("a", (await GetAsync()).Value);
        Source.Answer = _ => Token("b");
        Time.Advance(Hour);
        Assert.Equal("b", (await GetAsync()).Value);
        Assert.Null(Time.NextTimer);
    }
}
