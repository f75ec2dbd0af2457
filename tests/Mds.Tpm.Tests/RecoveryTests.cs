using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Mds.Tpm.Tests;

public sealed class RecoveryTests : IClassFixture<SoftwareTpm>
{
    private const uint Initialize = 0x100, Retry = 0x922, Testing = 0x90A;
    private const uint SignCode = 0x15D, LoadCode = 0x157, CreatePrimaryCode = 0x131, StartAuthSessionCode = 0x176, FlushContextCode = 0x165;

    private readonly SoftwareTpm _tpm;

    // Some tests count the places of the TPM, and one that was silent keeps what it was not told to let go of.
    public RecoveryTests(SoftwareTpm tpm)
    {
        _tpm = tpm;
        tpm.Flush();
    }

    public static TheoryData<string> Keys => ["plain", "pcr", "ek-pcr"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_TpmRestarted_GoesOnByItself(string file)
    {
        using var key = Signing.Open(Options(file));
        await Signing.SignAndVerifyAsync(key);

        _tpm.Stop();
        var refusal = await Signing.RefusalAsync(key);
        Assert.Equal(TpmFault.Unreachable, refusal.Fault);
        Assert.Contains(_tpm.SocketPath, refusal.Message, StringComparison.Ordinal);

        _tpm.Start();
        await Signing.SignAndVerifyAsync(key);
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_TpmRestartedUnnoticed_NoSignatureIsLost(string file)
    {
        using var key = Signing.Open(Options(file));
        await Signing.SignAndVerifyAsync(key);
        _tpm.Stop();
        _tpm.Start();

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_TpmThatNobodyStarted_StartsIt()
    {
        _tpm.Stop();
        _tpm.Start("not-need-init");
        using var key = Signing.Open(Options("plain"));

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task SignHash_SlotsFullOfWhatACrashLeftBehind_MakesRoom()
    {
        for (var i = 0; i < 3; i++)
        {
            _tpm.Run("tpm2_createprimary", "-Q", "-C", "o", "-c", $"{_tpm.SocketPath}.ctx");
            _tpm.Run("tpm2_startauthsession", "-S", $"{_tpm.SocketPath}.session");
            // Loaded again, as a program leaves it that dies.
            _tpm.Run("tpm2_sessionconfig", $"{_tpm.SocketPath}.session");
        }

        using var key = Signing.Open(Options("ek-pcr"));

        await Signing.SignAndVerifyAsync(key);
    }

    [Theory]
    [InlineData(LoadCode, 0x910)] // TPM_RC_REFERENCE_H0
    [InlineData(StartAuthSessionCode, 0x918)] // TPM_RC_REFERENCE_S0
    public async Task SignHash_KeyOrSessionFlushedBySomebodyElse_LoadsItAgain(uint madeBy, uint lost)
    {
        using var relay = new TpmRelay(_tpm);
        using var key = Signing.Open(Options("pass") with { Address = relay.KeptAddress, KeyPassword = TestKeys.KeyPassword });
        await Signing.SignAndVerifyAsync(key);
        var handle = relay.Commands.Zip(relay.Answers).Last(pair => TpmRelay.CodeOf(pair.First) == madeBy).Second.AsSpan(10, 4).ToArray();
        var signatures = 0;
        relay.Before = command =>
            TpmRelay.CodeOf(command) == SignCode && signatures++ == 0 ? TpmRelay.Command(FlushContextCode, hasSessions: false, handle) : null;

        await Signing.SignAndVerifyAsync(key);

        Assert.Contains(relay.Answers, answer => TpmRelay.CodeOf(answer) == lost);
        Assert.Equal(2, relay.Commands.Count(command => TpmRelay.CodeOf(command) == LoadCode));
    }

    // Room for three objects, and two keys: with what each needs to be loaded, both stay.
    [Fact]
    public async Task SignHash_TwoEncryptedKeysInTurns_BothStayInTheTpm()
    {
        using var relay = new TpmRelay(_tpm);
        using var first = Signing.Open(Options("pass") with
        {
            Address = relay.KeptAddress, KeyPassword = TestKeys.KeyPassword, SessionEncryptionName = TestKeys.EndorsementName,
        });
        using var second = Signing.Open(Options("plain") with { Address = relay.KeptAddress, SessionEncryptionName = TestKeys.EndorsementName });
        for (var i = 0; i < 3; i++)
        {
            await Signing.SignAndVerifyAsync(first);
            await Signing.SignAndVerifyAsync(second);
        }

        Assert.Equal(2, relay.Commands.Count(command => TpmRelay.CodeOf(command) == LoadCode));
    }

    [Theory]
    [InlineData("below")]
    [InlineData("pcr")]
    [InlineData("ek-pcr")]
    public async Task SignHash_EncryptedKey_TakesTwoPlacesOfTheTpmAtMost(string file)
    {
        using var relay = new TpmRelay(_tpm);
        using var key = Signing.Open(Options(file) with
        {
            Address = relay.KeptAddress,
            KeyPassword = file == "below" ? TestKeys.KeyPassword : default,
            ParentPassword = file == "below" ? TestKeys.ParentPassword : default,
            SessionEncryptionName = TestKeys.EndorsementName,
        });
        await Signing.SignAndVerifyAsync(key);

        var (objects, sessions) = (0, 0);
        foreach (var (command, answer) in relay.Commands.Zip(relay.Answers).Where(pair => TpmRelay.CodeOf(pair.Second) == 0))
        {
            objects += TpmRelay.CodeOf(command) switch
            {
                LoadCode or CreatePrimaryCode => 1,
                FlushContextCode when command[10] == TpmHt.Transient => -1,
                _ => 0,
            };
            sessions += TpmRelay.CodeOf(command) switch
            {
                StartAuthSessionCode => 1,
                FlushContextCode when command[10] != TpmHt.Transient => -1,
                _ => 0,
            };
            Assert.InRange(objects, 0, 2);
            Assert.InRange(sessions, 0, 2);
        }

        Assert.Equal(1, objects);
    }

    // A relay holds the TPM's answer back, as a client of swtpm does that does not let go.
    [Fact]
    public async Task SignHash_CallerThatGivesUp_LeavesTheQueue()
    {
        using var held = new ManualResetEventSlim(); // until the key has left, too
        using var relay = new TpmRelay(_tpm);
        using var key = Signing.Open(Options("plain") with { Address = relay.Address });
        await Signing.SignAndVerifyAsync(key);
        var digest = SHA256.HashData("given up"u8);
        relay.Instead = command =>
        {
            held.Wait();
            return null;
        };

        var first = Signing.SignAndVerifyAsync(key);
        using var giveUp = new CancellationTokenSource();
        var second = key.SignHashAsync(digest, HashAlgorithmName.SHA256, giveUp.Token);
        var third = Signing.SignAndVerifyAsync(key);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.False(first.IsCompleted);

        held.Set();
        await Task.WhenAll(first, third);
        Assert.DoesNotContain(relay.Commands, command => command.AsSpan().IndexOf(digest) >= 0);
    }

    [Fact]
    public async Task SignHash_TpmThatIsSilent_IsAskedOnceForAllWhoWaitAndAnewForTheNext()
    {
        using var held = new ManualResetEventSlim(); // until the key has left, too
        using var relay = new TpmRelay(_tpm);
        using var key = Signing.Open(Options("plain") with { Address = relay.KeptAddress with { AnswerTimeout = TimeSpan.FromSeconds(5) } });
        await Signing.SignAndVerifyAsync(key);
        relay.Instead = command =>
        {
            held.Wait();
            return null;
        };
        var commands = relay.Commands.Count;

        var refusals = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Signing.RefusalAsync(key)));

        Assert.All(refusals, refusal => Assert.Equal(TpmFault.Silent, refusal.Fault));
        Assert.All(refusals, refusal => Assert.Equal(refusals[0].Message, refusal.Message));
        Assert.Contains("did not answer within 5 s", refusals[0].Message, StringComparison.Ordinal);
        Assert.Equal(commands + 1, relay.Commands.Count);

        held.Set();
        await Signing.SignAndVerifyAsync(key);
    }

    // Linux answers nobody whose connection finds no room with a listener that takes none.
    [Fact]
    public async Task SignHash_NobodyAnswersTheConnection_IsTriedOnceForAllWhoWait()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start(0);
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        var others = Enumerable.Range(0, 8).Select(_ => new TcpClient()).ToList();
        try
        {
            var connecting = others.Select(other => other.ConnectAsync(IPAddress.Loopback, port)).ToList();
            await Task.WhenAny(connecting);
            using var key = Signing.Open(Options("plain") with { Address = TpmAddress.Parse($"127.0.0.1:{port}") });

            var refusals = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Signing.RefusalAsync(key)));

            Assert.All(refusals, refusal => Assert.Equal(TpmFault.Silent, refusal.Fault));
            Assert.Contains(": no answer within 5 s.", refusals[0].Message, StringComparison.Ordinal);
            Assert.Single(refusals.Select(refusal => refusal.InnerException as TpmException ?? refusal).Distinct());
        }
        finally
        {
            others.ForEach(other => other.Dispose());
        }
    }

    [Fact]
    public async Task RunAsync_EverybodyHasLeft_SaysSo()
    {
        var queue = TpmQueue.Join(TpmAddress.Parse("unix:/nobody"), TimeProvider.System);
        queue.Leave();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.RunAsync(static _ => 0, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task SignHash_TpmBusyWithItself_IsAskedAgainWithTheSameBytes()
    {
        using var relay = new TpmRelay(_tpm);
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
        using var relay = new TpmRelay(_tpm);
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

        Assert.Contains("0x81010002", _tpm.Run("tpm2_getcap", "handles-persistent"), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("0x80", _tpm.Run("tpm2_getcap", "handles-transient"), StringComparison.Ordinal);

        await Signing.SignAndVerifyAsync(key);
    }

    [Fact]
    public async Task Dispose_KeyAndSessionsInTheTpm_LeavesNothingBehind()
    {
        using (var key = Signing.Open(Options("ek-pcr") with { SessionEncryptionName = TestKeys.EndorsementName }))
        {
            await Signing.SignAndVerifyAsync(key);
        }

        Assert.Empty(_tpm.Run("tpm2_getcap", "handles-transient").Trim());
        Assert.Empty(_tpm.Run("tpm2_getcap", "handles-loaded-session").Trim());
    }

    private TpmKeyOptions Options(string file) => new()
    {
        Address = _tpm.Address,
        KeyFile = TestKeys.KeyFile(file),
        Pcrs = file.EndsWith("pcr", StringComparison.Ordinal) ? [23] : [],
        EndorsementParent = file.StartsWith("ek", StringComparison.Ordinal),
    };
}
