namespace Mds.Tpm.Tests;

/// <summary>A key in a TPM behind a character device, which is opened and kept open, and may be unplugged.</summary>
public sealed class DeviceTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    public static TheoryData<string> Keys => ["plain", "ek-password"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_DeviceUnpluggedAndBack_IsRefusedWhileItIsGoneAndThenGoesOn(string file)
    {
        using var device = new TpmDevice(tpm);
        using var key = Open(device, file);
        for (var i = 0; i < 4; i++)
        {
            await Signing.SignAndVerifyAsync(key);
        }

        device.Unplug();
        for (var i = 0; i < 2; i++)
        {
            var refusal = await Signing.RefusalAsync(key);
            Assert.Equal(TpmFault.Unreachable, refusal.Fault);
            Assert.StartsWith($"There is no TPM at {device.Address}: the file does not exist.", refusal.Message, StringComparison.Ordinal);
        }

        device.Plug();
        await Signing.SignAndVerifyAsync(key);
    }

    // Between two signatures, with its power gone for a moment: no caller learns of it.
    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_DeviceUnpluggedAndBackUnnoticed_NoSignatureIsLost(string file)
    {
        using var device = new TpmDevice(tpm);
        using var key = Open(device, file);
        await Signing.SignAndVerifyAsync(key);

        device.Unplug();
        tpm.Stop();
        tpm.Start();
        device.Plug();

        await Signing.SignAndVerifyAsync(key);
    }

    private static TpmKey Open(TpmDevice device, string file) => Signing.Open(new TpmKeyOptions
    {
        Address = device.Address,
        KeyFile = TestKeys.KeyFile(file),
        KeyPassword = file == "plain" ? default : TestKeys.KeyPassword,
        EndorsementParent = file != "plain",
        SessionEncryptionName = file == "plain" ? null : TestKeys.EndorsementName,
    });
}
