namespace Mds.Credentials.Tests.StaticTokens;

public sealed class StaticSourceTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetAccessToken_Fixed_ServedForEverInHours()
    {
        using var cache = new TokenCache("default", new StaticSource("fixed", null, null, _time), _time);
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            var token = await cache.GetAccessTokenAsync([], Cancellation);
            Assert.Equal("fixed", token.Value);
            Assert.True(token.ExpiresAt - _time.GetUtcNow() >= TimeSpan.FromSeconds(300));
            _time.Advance(TimeSpan.FromMinutes(1));
            await Eventually.TrueAsync(() => cache.State is { } state && state.Calls == state.Successes);
        }
    }

    [Fact]
    public async Task GetIdentityToken_Jwt_ItsOwnExpiry()
    {
        var issued = await new LocalIssuerSource(new("https://issuer.example"), "a@b", _time).GetIdentityTokenAsync(new("x"), Cancellation);
        var token = await new StaticSource(null, issued.Value, null, _time).GetIdentityTokenAsync(new("y"), Cancellation);

        Assert.Equal(issued, token);
    }

    [Theory]
    [InlineData("no.jwt")]
    [InlineData("a.!.c")]
    [InlineData("a.W10.c")]
    public async Task GetIdentityToken_NotAJwt_ServedAsItIs(string value)
    {
        var token = await new StaticSource(null, value, null, _time).GetIdentityTokenAsync(new("y"), Cancellation);
        Assert.Equal((value, _time.GetUtcNow().AddHours(1)), (token.Value, token.ExpiresAt));
    }

    [Fact]
    public async Task GetIdentityToken_NotGiven_SaysNothingAgainstTheAccount()
    {
        using var cache = new TokenCache("default", new StaticSource("fixed", null, null, _time), _time);
        var reasons = new List<string>();
        cache.CallFailed += (_, failure) => reasons.Add(failure.Message);

        await Assert.ThrowsAsync<TokenSourceException>(async () => await cache.GetIdentityTokenAsync(new("x"), Cancellation));

        await Eventually.TrueAsync(() => cache.State.Failures == 1);
        Assert.Equal((TokenCacheHealth.Unknown, null), (cache.State.Health, cache.State.Fault));
        Assert.Contains("GOOGLE_ID_TOKEN", Assert.Single(reasons), StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTokens_NoneGiven_SaysWhichSettingIsMissing()
    {
        var source = new StaticSource("", null, null, _time);
        var access = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));
        var identity = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetIdentityTokenAsync(new("x"), Cancellation));

        Assert.Equal((TokenSourceFault.NotOffered, TokenSourceFault.NotOffered), (access.Fault, identity.Fault));
        Assert.Contains("GOOGLE_ACCESS_TOKEN", access.Message, StringComparison.Ordinal);
        Assert.Contains("GOOGLE_ID_TOKEN", identity.Message, StringComparison.Ordinal);
    }
}
