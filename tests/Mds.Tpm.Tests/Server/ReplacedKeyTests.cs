using Mds.Credentials;

namespace Mds.Tpm.Tests.Server;

public sealed class ReplacedKeyTests
{
    // Otherwise nobody would ever be told what is wrong with the TPM, but that an issuer was silent.
    [Fact]
    public void LongestCall_AnyKey_IsMoreThanTheTpmIsWaitedFor()
    {
        using var key = new TpmKey(
            new TpmKeyOptions { Address = TpmAddress.Parse("unix:/nowhere"), PersistentHandle = 0x81010002 }, TimeProvider.System);
        var source = new TpmSource(key, "app@mds-tests.iam.gserviceaccount.com", TimeProvider.System, false, new GoogleEndpoints());

        Assert.True(source.LongestCall > 2 * TpmAddress.Parse("host:1").AnswerTimeout);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetTokens_KeyLetGoOf_SaysToAskAgain(bool useOauthToken)
    {
        var key = new TpmKey(
            new TpmKeyOptions { Address = TpmAddress.Parse("unix:/nowhere"), PersistentHandle = 0x81010002 }, TimeProvider.System);
        var source = new TpmSource(
            key, "app@mds-tests.iam.gserviceaccount.com", TimeProvider.System, useOauthToken, new GoogleEndpoints(new Uri("http://127.0.0.1:1")));
        key.Dispose();

        var failures = new[]
        {
            await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], TestContext.Current.CancellationToken)),
            await Assert.ThrowsAsync<TokenSourceException>(() => source.GetIdentityTokenAsync(new("x"), TestContext.Current.CancellationToken)),
        };

        Assert.All(failures, failure => Assert.Equal(
            (TokenSourceFault.Unavailable, "The settings of the TPM key have just changed; ask again."), (failure.Fault, failure.Message)));
    }
}
