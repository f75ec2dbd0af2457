using System.Text.RegularExpressions;
using Mds.Server.Tests.Commands;
using Mds.Server.Tests.Hosting;

namespace Mds.Tpm.Tests.Server;

public sealed partial class TpmCheckTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Theory]
    [InlineData("handle", "-persistentHandle", "0x81010002")]
    [InlineData("password", "-persistentHandle", "0x81010003", "-keyPassFile", "{key-password}")]
    [InlineData("password", "-persistentHandle", "0x81010003", "-keyPass", "key-password")]
    [InlineData("key-file", "-keyfile", "{plain.tss}")]
    [InlineData("parent", "-keyfile", "{below.tss}", "-keyPassFile", "{key-password}", "-parentPassFile", "{parent-password}")]
    [InlineData("parent", "-keyfile", "{below.tss}", "-keyPass", "key-password", "-parentPass", "parent-password")]
    [InlineData("pcr", "-keyfile", "{pcr.tss}", "-pcrs", "23")]
    [InlineData("endorsed", "-keyfile", "{ek-pcr.tss}", "-pcrs", "23", "-useEKParent", "-tpm-session-encrypt-with-name", "{name}")]
    public async Task TpmCheck_KeyThatWorks_SaysWhatItIs(string name, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        folder.Write("key-password", "key-password\n");
        folder.Write("parent-password", "parent-password\n");
        string[] switches =
        [
            .. arguments.Select(argument => argument switch
            {
                "{name}" => TestKeys.EndorsementName,
                ['{', .., '}'] when argument.EndsWith(".tss}", StringComparison.Ordinal) => Path.Combine(TestKeys.Folder, argument[1..^1]),
                ['{', .., '}'] => folder.File(argument[1..^1]),
                _ => argument,
            }),
        ];

        var run = await SubcommandRun.OfAsync(["tpm", "check", "-tpm-path", tpm.Address.Text, .. switches]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Golden.Verify($"tests/Mds.Tpm.Tests/Server/Golden/{name}.txt", Plain(run.Output));
    }

    [Fact]
    public async Task TpmCertificate_KeyThatWorks_IsACertificateThatTheKeySigned()
    {
        var run = await SubcommandRun.OfAsync("tpm", "certificate", "-tpm-path", tpm.Address.Text, "-persistentHandle", "0x81010002");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        var file = $"{tpm.SocketPath}.crt";
        await File.WriteAllTextAsync(file, run.Output, TestContext.Current.CancellationToken);
        Assert.Contains($"{file}: OK", tpm.Run("openssl", "verify", "-check_ss_sig", "-CAfile", file, file), StringComparison.Ordinal);
        Assert.Equal(TestKeys.Text("sa.pub.pem"), tpm.Run("openssl", "x509", "-in", file, "-noout", "-pubkey"));
    }

    [Fact]
    public async Task TpmCheck_KeyThatCannotBeUsed_SaysWhyAndFails()
    {
        var run = await SubcommandRun.OfAsync("tpm", "check", "-tpm-path", tpm.Address.Text, "-persistentHandle", "0x81010099");

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("mds-server: The persistent handle 0x81010099 of the TPM ", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tpm says not where the key is. Give exactly one of persistentHandle (-persistentHandle) and keyFile (-keyfile).")]
    [InlineData("-pcrs: \"x\" is not the number of a PCR. Give numbers from 0 to 23.", "-persistentHandle", "0x81010002", "-pcrs", "1,x")]
    [InlineData("-tpm: There is no PCR 24. PCRs are 0 to 23.", "-persistentHandle", "0x81010002", "-pcrs", "24")]
    [InlineData("-persistentHandle: \"first\" is no handle. Give one as in 0x81010002.", "-persistentHandle", "first")]
    [InlineData("-tpm-path: \"tpm0\" is no address of a TPM.", "-tpm-path", "tpm0", "-persistentHandle", "0x81010002")]
    [InlineData("There is no switch -persistenthandle.", "-persistenthandle", "0x81010002")]
    public async Task TpmCheck_SettingsThatCannotBeMeant_SaysWhatToGive(string sentence, params string[] arguments)
    {
        var run = await SubcommandRun.OfAsync(["tpm", "check", .. arguments]);

        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Contains($"mds-server: {sentence}", run.Errors, StringComparison.Ordinal);
    }

    // What differs from machine to machine and from run to run.
    private string Plain(string output) => Firmware().Replace(
        Hash().Replace(
            output.Replace(tpm.Address.Text, "ADDRESS", StringComparison.Ordinal).Replace(TestKeys.Folder + "/", "", StringComparison.Ordinal),
            "HASH"),
        "(revision REVISION), made by $1, with the firmware VERSION.");

    [GeneratedRegex("[0-9a-f]{64}")]
    private static partial Regex Hash();

    [GeneratedRegex("\\(revision [0-9.]+\\), made by (.*), with the firmware [0-9A-F.]+\\.")]
    private static partial Regex Firmware();
}
