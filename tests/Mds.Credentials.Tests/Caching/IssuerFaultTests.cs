namespace Mds.Credentials.Tests.Caching;

/// <summary>An issuer that is slow, away, or says no.</summary>
public sealed class IssuerFaultTests : TokenCacheScenario
{
    [Fact]
    public async Task GetAccessToken_UpstreamDownWhileValid_OldTokenThenExceptionThenRecovery()
    {
        await WarmAsync("a");
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");

        for (var left = Hour; left > TimeSpan.FromSeconds(1); left -= TimeSpan.FromSeconds(1))
        {
            Assert.Equal("a", (await GetAsync()).Value);
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        await PassAsync(TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Equal((TokenSourceFault.Unavailable, "the issuer is down"), (failure.Fault, failure.Message));

        // It went on asking, but never more than eight times a minute once the back-off had grown.
        Assert.InRange(Source.Calls, 30, 1 + (450 / 7.5) + 6);

        Source.Answer = _ => Token("b");
        await PassAsync(TimeSpan.FromSeconds(15));
        await Eventually.TrueAsync(() => Cache.State.Health is TokenCacheHealth.Valid);
        Assert.Equal("b", (await GetAsync()).Value);
    }

    [Fact]
    public async Task GetAccessToken_UpstreamDownForAnHour_CallsPerMinuteAreBounded()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");
        for (var minute = 0; minute < 60; minute++)
        {
            var before = Source.Calls;
            for (var second = 0; second < 60; second++)
            {
                await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
                await PassAsync(TimeSpan.FromSeconds(1));
            }

            Assert.InRange(Source.Calls - before, 1, minute == 0 ? 10 : 9);
        }
    }

    [Fact]
    public async Task GetAccessToken_IssuerRefuses_IsAskedAboutOnceAMinute()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "no");
        for (var second = 0; second < 1200; second++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(Source.Calls, 15, 45);
    }

    // The clock was fast, the issuer refused what it dated, and somebody has set it right.
    [Theory]
    [InlineData(-10)]
    [InlineData(-120)]
    public async Task GetAccessToken_ClockSetBackAfterARefusal_IsAskedAgainWithinAMinute(int minutes)
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "Compare this machine's clock with the issuer's.");
        for (var second = 0; second < 600; second++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
            await PassAsync(TimeSpan.FromSeconds(1));
        }

        Time.SetClock(TimeSpan.FromMinutes(minutes));
        Source.Answer = _ => Token("a");
        await PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(TokenCacheHealth.Valid, Cache.State.Health);
        Assert.Equal("a", (await GetAsync()).Value);
    }

    // Another metadata server that has no such account yet: nobody asks here, because the server is not ready.
    [Fact]
    public async Task Prefetch_IssuerHasNoSuchAccountYet_FailedAndAskedAgainWithoutAnyClient()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Missing, "no such account");
        await Cache.PrefetchAsync(TestContext.Current.CancellationToken);
        Assert.Equal((TokenCacheHealth.Failed, TokenSourceFault.Missing, "no such account"), (Cache.State.Health, Cache.State.Fault, Cache.State.Message));

        Source.Answer = _ => Token("a");
        await PassAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(TokenCacheHealth.Valid, Cache.State.Health);
    }

    [Fact]
    public async Task GetAccessToken_UnusableCredential_IsNotRetriedInTheBackground()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unusable, "broken");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());

        Time.Advance(Hour);
        Assert.Equal(1, Source.Calls);
        Assert.Null(Time.NextTimer);
    }

    [Fact]
    public async Task GetAccessToken_OldTokenAndSlowIssuer_ServedWithinPatience()
    {
        Jitter = 0.999;
        await WarmAsync("a");
        Time.Advance(Hour - TimeSpan.FromSeconds(300));
        var call = await Source.NextAsync();

        var waiting = GetAsync();
        Assert.False(waiting.IsCompleted);
        await Eventually.TrueAsync(() => Time.NextTimer <= TimeSpan.FromMilliseconds(200));
        Time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal("a", (await waiting).Value);

        call.Succeed(Token("b"));
        await CallsEndedAsync(2);
        Assert.Equal("b", (await GetAsync()).Value);
    }

    [Fact]
    public async Task GetAccessToken_IssuerNeverAnswers_TimesOutInWords()
    {
        var waiting = GetAsync();
        var call = await Source.NextAsync();
        await Eventually.TrueAsync(() => Time.NextTimer is not null);
        Time.Advance(TimeSpan.FromSeconds(30));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => waiting);
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains("within 30 s", failure.Message, StringComparison.Ordinal);
        Assert.True(call.Cancellation.IsCancellationRequested);
    }

    [Fact]
    public async Task GetAccessToken_SourceBlocksBeforeItAwaits_TimesOutInWords()
    {
        using var answers = new ManualResetEventSlim();
        var cancellation = TestContext.Current.CancellationToken;
        Source.Answer = _ =>
        {
            answers.Wait(cancellation);
            return Token("late");
        };
        try
        {
            var waiting = GetAsync();
            await Eventually.TrueAsync(() => Source.Calls == 1);
            Time.Advance(TimeSpan.FromSeconds(30));

            var failure = await Assert.ThrowsAsync<TokenSourceException>(() => waiting.WaitAsync(Eventually.Deadline, cancellation));
            Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
            Assert.Contains("within 30 s", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            answers.Set();
        }
    }

    [Fact]
    public async Task GetAccessToken_TokenAlreadyExpired_FailsNamingTheClock()
    {
        Source.Answer = _ => new("t", Time.GetUtcNow() - TimeSpan.FromMinutes(10));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Contains("clock", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAccessToken_SourceThrowsSomethingElse_IsUnavailable()
    {
        Source.Answer = _ => throw new NotSupportedException("the inner words");

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.DoesNotContain("the inner words", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAnything_ManyThingsWantedOfAnIssuerThatIsAway_CallsPerMinuteAreBounded()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        TokenSourceException? last = null;
        for (var minute = 0; minute < 5; minute++)
        {
            var before = Source.Calls;
            for (var second = 0; second < 60; second++)
            {
                for (var i = 0; i < 10; i++)
                {
                    var audience = $"https://{minute}-{second}-{i}.test";
                    last = await Assert.ThrowsAsync<TokenSourceException>(
                        () => Cache.GetIdentityTokenAsync(new(audience), CancellationToken.None).AsTask());
                }

                await PassAsync(TimeSpan.FromSeconds(1));
            }

            // Sixty for them all together, and the default token's own of at most one in 7.5 s.
            Assert.InRange(Source.Calls - before, 1, 60 + 10);
        }

        Assert.Equal(TokenSourceFault.Unavailable, last!.Fault);
        Assert.EndsWith("Its last failure: the issuer is down", last.Message, StringComparison.Ordinal);
    }

    // gcloud asks for an identity token with each access token, and a federated account has none.
    [Fact]
    public async Task GetAnything_SomethingNotOfferedBetween_CallsPerMinuteAreBoundedAllTheSame()
    {
        Source.Answer = what => what.StartsWith("identity", StringComparison.Ordinal)
            ? throw new TokenSourceException(TokenSourceFault.NotOffered, "no such kind")
            : throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        var identityCalls = 0;
        for (var i = 0; i < 300; i++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync($"scope-{i}"));
            var failure = await Assert.ThrowsAsync<TokenSourceException>(
                () => Cache.GetIdentityTokenAsync(new($"https://{i}.test"), CancellationToken.None).AsTask());
            identityCalls += failure.Fault is TokenSourceFault.NotOffered ? 1 : 0;
        }

        Assert.InRange(Source.Calls - identityCalls, 1, 60 + 10);
    }

    [Fact]
    public async Task GetAnything_OneThingOfManyIsRefused_TheOthersAreNot()
    {
        Source.Answer = what => what.EndsWith("bad", StringComparison.Ordinal)
            ? throw new TokenSourceException(TokenSourceFault.Rejected, "no such scope")
            : Token(what);

        for (var i = 0; i < 300; i++)
        {
            Assert.Equal($"good-{i}", (await GetAsync($"good-{i}")).Value);
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync($"{i}-bad"));
        }

        Assert.Equal(600, Source.Calls);
    }

    [Fact]
    public async Task GetAnything_IssuerIsBack_EverythingCanBeHadWithinSeconds()
    {
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Unavailable, "the issuer is down");
        await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync());
        for (var i = 0; i < 100; i++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync($"scope-{i}"));
        }

        Source.Answer = what => Token(what);
        await PassAsync(TimeSpan.FromSeconds(15));

        Assert.Equal("", (await GetAsync()).Value);
        Assert.Equal("scope-new", (await GetAsync("scope-new")).Value);
    }
}
