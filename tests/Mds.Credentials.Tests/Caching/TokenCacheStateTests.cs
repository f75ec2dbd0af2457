namespace Mds.Credentials.Tests.Caching;

/// <summary>What is said of an account's health.</summary>
public sealed class TokenCacheStateTests : TokenCacheScenario
{
    [Fact]
    public async Task State_SuccessFailureSuccess_ChangesOnceEach()
    {
        Assert.Equal(TokenCacheHealth.Unknown, Cache.State.Health);
        await WarmAsync("a");
        Assert.Equal((TokenCacheHealth.Valid, Time.GetUtcNow() + Hour), (Cache.State.Health, Cache.State.ExpiresAt));

        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "the key was deleted");
        await PassAsync(Hour);
        await PassAsync(Hour);
        var failed = Cache.State;
        Assert.Equal(
            (TokenCacheHealth.Failed, TokenSourceFault.Rejected, "the key was deleted", null),
            (failed.Health, failed.Fault, failed.Message, failed.ExpiresAt));
        Assert.Equal(Source.Calls, failed.Calls);
        Assert.Equal(Source.Calls - 1, failed.Failures);

        Source.Answer = _ => Token("b");
        await PassAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((TokenCacheHealth.Valid, null, null), (Cache.State.Health, Cache.State.Fault, Cache.State.Message));
        Assert.Equal(
            [TokenCacheHealth.Valid, TokenCacheHealth.Failed, TokenCacheHealth.Valid],
            Changes.Select(change => change.Current.Health));
    }

    [Fact]
    public async Task State_OneScopeRefused_CredentialStaysValid()
    {
        await WarmAsync("a");
        Source.Answer = _ => throw new TokenSourceException(TokenSourceFault.Rejected, "no such scope");

        var heard = new List<TokenCallFailure>();
        Cache.CallFailed += (_, failure) => heard.Add(failure);
        for (var i = 0; i < 3; i++)
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => GetAsync("nonsense"));
            await PassAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(TokenCacheHealth.Valid, Cache.State.Health);
        Assert.Equal(3, Cache.State.Failures);
        Assert.Equal(
            new TokenCallFailure("an access token for nonsense", TokenSourceFault.Rejected, "no such scope"), Assert.Single(heard));
    }
}
