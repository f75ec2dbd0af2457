namespace Mds.Tpm.Tests;

public sealed class PcrTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
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
