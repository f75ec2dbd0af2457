namespace Mds.Tpm.Tests;

public sealed class LockoutTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Fact]
    public async Task SignHash_TpmLockedBySomebodyElse_SaysSoAndGoesOnWhenItIsUnlocked()
    {
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            PersistentHandle = TestKeys.WithPassword,
            KeyPassword = TestKeys.KeyPassword,
        });
        await Signing.SignAndVerifyAsync(key);
        tpm.Run("tpm2_dictionarylockout", "--setup-parameters", "--max-tries=1", "--recovery-time=600", "--lockout-recovery-time=1");
        Assert.Throws<InvalidOperationException>(() => tpm.Run(
            "sh", "-c", $"echo x > {tpm.SocketPath}.text; tpm2_sign -c 0x{TestKeys.WithPassword:X8} -p wrong -g sha256 -o {tpm.SocketPath}.sig {tpm.SocketPath}.text"));

        var refusal = await Signing.RefusalAsync(key);
        Assert.Equal(TpmFault.Busy, refusal.Fault);
        Assert.Contains("is locked after too many wrong passwords", refusal.Message, StringComparison.Ordinal);
        Assert.Null(key.Refusal);

        tpm.Run("tpm2_dictionarylockout", "--clear-lockout");
        await Signing.SignAndVerifyAsync(key);
    }
}
