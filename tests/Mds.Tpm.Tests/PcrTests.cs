namespace Mds.Tpm.Tests;

public sealed class PcrTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    private const uint SignCode = 0x15D;

    // TPM2_PCR_Extend with an empty password and one SHA-256 digest (Part 3, 22.2).
    private static readonly byte[] ExtendPcr10 = TpmRelay.Command(
        0x182, hasSessions: true,
        [0, 0, 0, 10, 0, 0, 0, 9, 0x40, 0, 0, 9, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0x0B, .. new byte[32]]);

    private const string Value = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [Theory]
    [InlineData("pcr", false)]
    [InlineData("pcr", true)]
    [InlineData("ek-pcr", false)]
    [InlineData("ek-pcr", true)]
    public async Task SignHash_PcrExtendedAndReset_IsRefusedWithThePcrAndThenGoesOn(string file, bool encrypted)
    {
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            KeyFile = TestKeys.KeyFile(file),
            Pcrs = [23],
            EndorsementParent = file == "ek-pcr",
            SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
        });
        await Signing.SignAndVerifyAsync(key);

        tpm.Run("tpm2_pcrextend", $"23:sha256={Value}");
        var refusal = await Signing.RefusalAsync(key);
        Assert.Equal(TpmFault.PolicyRefused, refusal.Fault);
        Assert.StartsWith("PCR 23 of the TPM ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("does not hold the value", refusal.Message, StringComparison.Ordinal);
        Assert.Null(key.Refusal);

        tpm.Run("tpm2_pcrreset", "23");
        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_OneOfSeveralPcrsExtended_IsTheOneThatIsNamed()
    {
        using var key = Signing.Open(new TpmKeyOptions { Address = tpm.Address, KeyFile = TestKeys.KeyFile("pcrs"), Pcrs = [16, 23] });
        await Signing.SignAndVerifyAsync(key);

        tpm.Run("tpm2_pcrextend", $"16:sha256={Value}");
        var refusal = await Signing.RefusalAsync(key);
        Assert.StartsWith("PCR 16 of the TPM ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("has changed since the last signature", refusal.Message, StringComparison.Ordinal);

        tpm.Run("tpm2_pcrreset", "16");
        await Signing.SignAndVerifyAsync(key);
    }

    // As Linux does for each program that is started (IMA); PCR 23 and those for debugging are not counted, all others are.
    [Theory]
    [InlineData("pcr", 3)]
    [InlineData("ek-pcr", 3)]
    [InlineData("pcr", int.MaxValue)]
    public async Task SignHash_AnotherPcrExtendedMeanwhile_IsNoChangeOfTheMachine(string file, int times)
    {
        using var relay = new TpmRelay(tpm);
        var extended = 0;
        relay.Before = command => TpmRelay.CodeOf(command) == SignCode && extended++ < times ? ExtendPcr10 : null;
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address, KeyFile = TestKeys.KeyFile(file), Pcrs = [23], EndorsementParent = file == "ek-pcr",
        });

        if (times < int.MaxValue)
        {
            await Signing.SignAndVerifyAsync(key);
        }
        else
        {
            var refusal = await Signing.RefusalAsync(key);
            Assert.Equal(TpmFault.Busy, refusal.Fault);
            Assert.Contains("are being extended all the time", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Contains(relay.Answers, answer => TpmRelay.CodeOf(answer) == 0x128); // TPM_RC_PCR_CHANGED
    }

    [Fact]
    public async Task SignHash_OtherPcrsThanTheKeyIsBoundTo_NamesThem()
    {
        var refusal = await Signing.RefusalAsync(
            new TpmKeyOptions { Address = tpm.Address, KeyFile = TestKeys.KeyFile("pcr"), Pcrs = [7, 16] });

        Assert.Equal(TpmFault.PolicyRefused, refusal.Fault);
        Assert.StartsWith("At least one of the PCRs 7, 16 of the TPM ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("or the key is bound to other PCRs than these", refusal.Message, StringComparison.Ordinal);
    }
}
