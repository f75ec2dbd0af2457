using System.Net;
using System.Net.Sockets;

namespace Mds.Tpm.Tests;

public sealed class BadInputTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Fact]
    public async Task SignHash_NoDevice_SaysWhereToLook()
    {
        var refusal = await Signing.RefusalAsync(At("/dev/no-such-tpm"));

        Assert.Equal(TpmFault.Unreachable, refusal.Fault);
        Assert.StartsWith("There is no TPM at /dev/no-such-tpm: the file does not exist.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1", "No TPM can be reached at 127.0.0.1:1: Connection refused")]
    [InlineData("unix:/tmp/no-such-socket", "No TPM can be reached at unix:/tmp/no-such-socket: ")]
    [InlineData("/tmp", "/tmp is a folder, not a TPM.")]
    public async Task SignHash_NobodyThere_SaysWhy(string address, string message) =>
        Assert.StartsWith(message, (await Signing.RefusalAsync(At(address))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_SocketGivenAsADevice_SaysHowToWriteIt() => Assert.Equal(
        $"There is no TPM behind {tpm.SocketPath}. If it is the socket of a software TPM, write unix:{tpm.SocketPath}.",
        (await Signing.RefusalAsync(At(tpm.SocketPath))).Message);

    [Fact]
    public async Task SignHash_FifoInPlaceOfTheDevice_IsRefused()
    {
        var fifo = $"{tpm.SocketPath}.fifo";
        tpm.Run("mkfifo", fifo);

        Assert.StartsWith($"{fifo} is no TPM: it is a file", (await Signing.RefusalAsync(At(fifo))).Message, StringComparison.Ordinal);
    }

    // By a process of its own, because root has to be without what lets it open everything.
    [Fact]
    public void TpmCheck_NoPermission_SaysWhichGroup()
    {
        const string OpensEverything = "-dac_override,-dac_read_search";
        string[] check =
        [
            "dotnet", Path.Combine(AppContext.BaseDirectory, "mds-server.dll"),
            "tpm", "check", "-persistentHandle", "0x81010002", "-tpm-path", $"{tpm.SocketPath}.closed",
        ];
        tpm.Run("install", "--mode=000", "/dev/null", check[^1]);

        var refusal = Assert.Throws<InvalidOperationException>(() => Environment.IsPrivilegedProcess
            ? tpm.Run("setpriv", ["--bounding-set", OpensEverything, "--inh-caps", OpensEverything, .. check])
            : tpm.Run(check[0], check[1..]));

        var group = tpm.Run("stat", "--format=%G", check[^1]).Trim();
        Assert.Contains(
            $"mds-server: This process may not open {check[^1]}: it needs to read and write it. It belongs to the group {group}; add the process to it",
            refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_DeviceInUse_NamesTheOneThatManyCanUse() => Assert.Contains(
        "/dev/tpm0 is in use by another process. Give /dev/tpmrm0 instead",
        DeviceTrouble.Explain("/dev/tpm0", new IOException("Device or resource busy", 16)).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_FileInPlaceOfTheDevice_IsRefusedAndStaysAsItIs()
    {
        var path = Path.GetTempFileName();
        try
        {
            await System.IO.File.WriteAllTextAsync(path, "precious", TestContext.Current.CancellationToken);

            var refusal = await Signing.RefusalAsync(At(path));

            Assert.StartsWith($"{path} is no TPM: it is a file, which is as it was.", refusal.Message, StringComparison.Ordinal);
            Assert.Equal("precious", await System.IO.File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
        }
        finally
        {
            System.IO.File.Delete(path);
        }
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2p1\r\n", "does not answer as a TPM 2.0 does")]
    [InlineData("\u0000Ä\u0000\u0000\u0000\n\u0000\u0000\u0000\u001e", "is a TPM 1.2")]
    public async Task SignHash_NoTpm2_SaysWhatItIs(string answer, string message)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(
            async () =>
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().ReadExactlyAsync(new byte[22]); // the first command, TPM2_GetCapability
                await client.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(answer));
            },
            TestContext.Current.CancellationToken);

        var refusal = await Signing.RefusalAsync(At(listener.LocalEndpoint.ToString()!));

        Assert.Equal(TpmFault.NotTpm2, refusal.Fault);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
        await serving;
    }

    [Fact]
    public async Task SignHash_EmptyHandle_SaysHowToListThem()
    {
        var refusal = await Signing.RefusalAsync(new TpmKeyOptions { Address = tpm.Address, PersistentHandle = 0x81010099 });

        Assert.Equal(TpmFault.Unusable, refusal.Fault);
        Assert.StartsWith("The persistent handle 0x81010099 of the TPM ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("is empty. List those in use with: tpm2_getcap handles-persistent.", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ecc", "is an elliptic curve key; it must be an RSA key")]
    [InlineData("decrypt", "is no signing key: it lacks the attribute sign")]
    [InlineData("restricted", "is a restricted signing key")]
    public async Task SignHash_KeyThatCannotSign_SaysWhatItIs(string file, string message)
    {
        var refusal = await Signing.RefusalAsync(File(file));

        Assert.Equal(TpmFault.Unusable, refusal.Fault);
        Assert.Contains(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignHash_StorageKeyInTheHandle_SaysWhatItIs() => Assert.Contains(
        "is an elliptic curve key",
        (await Signing.RefusalAsync(new TpmKeyOptions { Address = tpm.Address, PersistentHandle = 0x81000001 })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_PcrsForAKeyWithoutPolicy_SaysThatTheyProtectNothing() => Assert.Contains(
        "is bound to no PCRs", (await Signing.RefusalAsync(File("plain") with { Pcrs = [23] })).Message, StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_PcrsForAKeyBoundToItsPassword_SaysSo() => Assert.Contains(
        "is bound to its password, not to PCRs",
        (await Signing.RefusalAsync(File("policy-password") with { Pcrs = [23] })).Message,
        StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_PolicyThatTheSettingsDoNotMeet_SaysWhatToName() => Assert.Contains(
        "Name the PCRs it is bound to (pcrs)", (await Signing.RefusalAsync(File("pcr"))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task SignHash_WrongParent_SaysSo()
    {
        var refusal = await Signing.RefusalAsync(File("plain") with { EndorsementParent = true });

        Assert.Equal(TpmFault.Unusable, refusal.Fault);
        Assert.Contains("cannot load plain.tss: it was made below another parent or for another TPM", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24)]
    [InlineData(-1)]
    public void Create_PcrOutOfRange_SaysWhichThereAre(int pcr) =>
        Assert.Equal($"There is no PCR {pcr}. PCRs are 0 to 23.", Problem(File("pcr") with { Pcrs = [pcr] }));

    [Fact]
    public void Create_OptionsThatCannotBeMeant_SayWhatToGive()
    {
        Assert.StartsWith("A key is in a persistent handle or in a key file.", Problem(new TpmKeyOptions()), StringComparison.Ordinal);
        Assert.StartsWith("0x80000001 is no persistent handle.", Problem(new TpmKeyOptions { PersistentHandle = 0x80000001 }), StringComparison.Ordinal);
        Assert.StartsWith("\"abc\" is no name of an endorsement key", Problem(File("plain") with { SessionEncryptionName = "abc" }), StringComparison.Ordinal);
    }

    // Sessions that others saved are not loaded, so that nobody can tell whether they are still wanted.
    [Fact]
    public async Task SignHash_TooManySessions_SaysHowToEndThem()
    {
        tpm.Run("sh", "-c", $"while tpm2_startauthsession -S {tpm.SocketPath}.session 2> /dev/null; do :; done");
        try
        {
            var refusal = await Signing.RefusalAsync(File("pcr") with { Pcrs = [23] });
            Assert.Equal(TpmFault.Busy, refusal.Fault);
            Assert.Contains("has no room for another session", refusal.Message, StringComparison.Ordinal);
            Assert.Contains("tpm2_flushcontext --saved-session", refusal.Message, StringComparison.Ordinal);
        }
        finally
        {
            tpm.Run("tpm2_flushcontext", "--saved-session");
        }
    }

    [Fact]
    public async Task SignHash_TooManyObjects_SaysHowToRemoveThem()
    {
        using var relay = new TpmRelay(tpm) { Instead = command => TpmRelay.CodeOf(command) is 0x131 ? TpmRelay.Refusal(0x902) : null };

        var refusal = await Signing.RefusalAsync(File("plain") with { Address = relay.Address });

        Assert.Equal(TpmFault.Busy, refusal.Fault);
        Assert.Contains("has no room for another object", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("tpm2_flushcontext --transient-object", refusal.Message, StringComparison.Ordinal);
    }

    private static TpmKeyOptions At(string address) => new() { Address = TpmAddress.Parse(address), PersistentHandle = TestKeys.Plain };

    private static string Problem(TpmKeyOptions options) => Assert.Throws<TpmException>(() => new TpmKey(options, TimeProvider.System)).Message;

    private TpmKeyOptions File(string name) => new() { Address = tpm.Address, KeyFile = TestKeys.KeyFile(name) };
}
