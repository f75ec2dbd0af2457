namespace Mds.Tpm.Tests;

public sealed class RecoveryTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    private const uint Initialize = 0x100, Retry = 0x922, Testing = 0x90A;
    private const uint SignCode = 0x15D;

    public static TheoryData<string> Keys => ["plain", "pcr", "ek-pcr"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_TpmRestarted_GoesOnByItself(string file)
    {
        using var key = Signing.Open(Options(file));
        await Signing.SignAndVerifyAsync(key);

        tpm.Stop();
        var refusal = await Signing.RefusalAsync(key);
        Assert.Equal(TpmFault.Unreachable, refusal.Fault);
        Assert.Contains(tpm.SocketPath, refusal.Message, StringComparison.Ordinal);

        tpm.Start();
        await Signing.SignAndVerifyAsync(key);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_TpmRestartedUnnoticed_NoSignatureIsLost(string file)
    {
        using var key = Signing.Open(Options(file));
        await Signing.SignAndVerifyAsync(key);
        tpm.Stop();
        tpm.Start();

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_TpmThatNobodyStarted_StartsIt()
    {
        tpm.Stop();
        tpm.Start("not-need-init");
        using var key = Signing.Open(Options("plain"));

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_SlotsFullOfWhatACrashLeftBehind_MakesRoom()
    {
        for (var i = 0; i < 3; i++)
        {
            tpm.Run("tpm2_createprimary", "-Q", "-C", "o", "-c", $"{tpm.SocketPath}.ctx");
            tpm.Run("tpm2_startauthsession", "-S", $"{tpm.SocketPath}.session");
            // Loaded again, as a program leaves it that dies.
            tpm.Run("tpm2_sessionconfig", $"{tpm.SocketPath}.session");
        }

        using var key = Signing.Open(Options("ek-pcr"));

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_KeyFlushedBySomebodyElse_LoadsItAgain()
    {
        using var key = Signing.Open(Options("plain"));
        await Signing.SignAndVerifyAsync(key);
        using var connection = tpm.Address.Connect();
        var commands = new TpmCommands(new TpmChannel(connection, tpm.Address, TimeProvider.System));
        foreach (var handle in commands.Handles(TpmHt.Transient))
        {
            commands.FlushContext(handle);
        }

        connection.Dispose();

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_TpmBusyWithItself_IsAskedAgainWithTheSameBytes()
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(Options("pass") with { Address = relay.Address, KeyPassword = TestKeys.KeyPassword });
        await Signing.SignAndVerifyAsync(key);
        var answers = new Queue<uint>([Retry, Testing]);
        relay.Instead = command => TpmRelay.CodeOf(command) == SignCode && answers.TryDequeue(out var code) ? TpmRelay.Refusal(code) : null;

        await Signing.SignAndVerifyAsync(key);

        Assert.Empty(answers);
        var last = relay.Commands.Where(command => TpmRelay.CodeOf(command) == SignCode).TakeLast(3).ToList();
        Assert.All(last, command => Assert.Equal(last[0], command));
    }

    [Fact]
    public async Task SignHash_TpmForgotItWasStarted_StartsItOnceMore()
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(Options("plain") with { Address = relay.Address });
        var answers = new Queue<uint>([Initialize]);
        relay.Instead = command => TpmRelay.CodeOf(command) == SignCode && answers.TryDequeue(out var code)
            ? TpmRelay.Refusal(code)
            : TpmRelay.CodeOf(command) == 0x144 ? TpmRelay.Refusal(0) : null;

        await Signing.SignAndVerifyAsync(key);

        Assert.Single(relay.Commands, command => TpmRelay.CodeOf(command) == 0x144);
    }

    // Two processes on one software TPM, which serves one connection at a time: the idle one makes room.
    [Fact]
    public async Task SignHash_AnotherClientInBetween_GetsItsTurn()
    {
        using var key = Signing.Open(Options("plain"));
        await Signing.SignAndVerifyAsync(key);

        Assert.Contains("0x81010002", tpm.Run("tpm2_getcap", "handles-persistent"), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("0x80", tpm.Run("tpm2_getcap", "handles-transient"), StringComparison.Ordinal);

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task Dispose_KeyAndSessionsInTheTpm_LeavesNothingBehind()
    {
        using (var key = Signing.Open(Options("ek-pcr") with { SessionEncryptionName = TestKeys.EndorsementName }))
        {
            await Signing.SignAndVerifyAsync(key);
        }

        Assert.Empty(tpm.Run("tpm2_getcap", "handles-transient").Trim());
        Assert.Empty(tpm.Run("tpm2_getcap", "handles-loaded-session").Trim());
    }

    private TpmKeyOptions Options(string file) => new()
    {
        Address = tpm.Address,
        KeyFile = TestKeys.KeyFile(file),
        Pcrs = file.EndsWith("pcr", StringComparison.Ordinal) ? [23] : [],
        EndorsementParent = file.StartsWith("ek", StringComparison.Ordinal),
    };
}
