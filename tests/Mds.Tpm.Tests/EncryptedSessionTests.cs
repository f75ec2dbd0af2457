using System.Security.Cryptography;

namespace Mds.Tpm.Tests;

public sealed class EncryptedSessionTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    private const uint SignCode = 0x15D;

    public static TheoryData<string> Keys => ["pass", "pcr", "ek-password", "ek-pcr", "below"];

    [Theory]
    [MemberData(nameof(Keys))]
    public async Task SignHash_Encrypted_TraceShowsNeitherDigestNorPassword(string file)
    {
        byte[] text = [1, 2, 3];
        var digest = SHA256.HashData(text);

        // Without encryption the very same trace shows the digest, so that it would be seen here too.
        Assert.Contains(await TraceAsync(file, null, text), frame => Shows(frame, digest));
        var trace = await TraceAsync(file, TestKeys.EndorsementName, text);

        Assert.Contains(trace, frame => TpmRelay.CodeOf(frame) == SignCode);
        Assert.All([digest, TestKeys.KeyPassword, TestKeys.ParentPassword], secret => Assert.DoesNotContain(trace, frame => Shows(frame, secret)));
    }

    [Fact]
    public async Task SignHash_OtherEndorsementKey_IsRefusedBeforeAnythingIsAskedOfIt()
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(Options("pass", relay, "000b" + new string('1', 64)));

        var refusal = await Signing.RefusalAsync(key);

        Assert.Equal(TpmFault.Untrusted, refusal.Fault);
        Assert.Contains($"has the name {TestKeys.EndorsementName}", refusal.Message, StringComparison.Ordinal);
        const uint CreatePrimary = 0x131, GetCapability = 0x17A, FlushContext = 0x165;
        Assert.All(relay.Commands, command => Assert.Contains(TpmRelay.CodeOf(command), new[] { CreatePrimary, GetCapability, FlushContext }));
    }

    // Every bit of an answer is covered: by the frame, by the session's proof, or by the signature itself. The length is left
    // alone, because then the rest of the answer would be waited for.
    [Theory]
    [InlineData("pass")]
    [InlineData("pcr")]
    [InlineData("ek-password")]
    public async Task SignHash_TamperedAnswers_AreAllRejected(string file)
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(Options(file, relay, TestKeys.EndorsementName));
        await Signing.SignAndVerifyAsync(key);
        var length = relay.Answers.Zip(relay.Commands).Last(pair => TpmRelay.CodeOf(pair.Second) == SignCode).First.Length;
        var random = new Random(20300101);
        for (var i = 0; i < 40; i++)
        {
            var bit = random.Next(10 * 8, length * 8);
            var tampered = 0;
            relay.Change = (command, answer) =>
            {
                if (TpmRelay.CodeOf(command) == SignCode)
                {
                    answer[bit / 8] ^= (byte)(1 << (bit % 8));
                    tampered++;
                }

                return answer;
            };

            var refusal = await Signing.RefusalAsync(key);

            Assert.True(refusal.Fault is TpmFault.Untrusted, $"bit {bit}: {refusal.Message}");
            Assert.Equal(1, tampered);
        }

        relay.Change = static (_, answer) => answer;
        await Signing.SignAndVerifyAsync(key);
    }

    // Without encryption there is no proof in the answers for a key without a password; the signature itself is checked.
    [Fact]
    public async Task SignHash_TamperedSignatureWithoutSession_IsRejected()
    {
        using var relay = new TpmRelay(tpm) { Change = Tamper };
        using var key = Signing.Open(new TpmKeyOptions { Address = relay.Address, PersistentHandle = TestKeys.Plain });

        Assert.Equal(TpmFault.Untrusted, (await Signing.RefusalAsync(key)).Fault);

        static byte[] Tamper(byte[] command, byte[] answer)
        {
            // A TPM's first answer may be the wish to be asked once more, which is short.
            if (TpmRelay.CodeOf(command) == SignCode && answer.Length > 100)
            {
                answer[100] ^= 1;
            }

            return answer;
        }
    }

    [Fact]
    public async Task SignHash_AnswerWithoutProof_IsRejected()
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(Options("pass", relay, TestKeys.EndorsementName));
        await Signing.SignAndVerifyAsync(key);
        relay.Change = (command, answer) => TpmRelay.CodeOf(command) == SignCode ? Strip(answer) : answer;

        Assert.Equal(TpmFault.Untrusted, (await Signing.RefusalAsync(key)).Fault);

        // The same parameters as an answer of a command without sessions: no sizes, no authorisations.
        static byte[] Strip(byte[] answer)
        {
            var parameters = answer.AsSpan(14, answer[13] | (answer[12] << 8)).ToArray();
            var length = 10 + parameters.Length;
            return [0x80, 0x01, 0, 0, (byte)(length >> 8), (byte)length, 0, 0, 0, 0, .. parameters];
        }
    }

    private static bool Shows(byte[] frame, byte[] secret) => frame.AsSpan().IndexOf(secret) >= 0;

    private static TpmKeyOptions Options(string file, TpmRelay relay, string? name) => new()
    {
        Address = relay.Address,
        KeyFile = TestKeys.KeyFile(file),
        KeyPassword = file.EndsWith("pcr", StringComparison.Ordinal) ? default : TestKeys.KeyPassword,
        ParentPassword = file == "below" ? TestKeys.ParentPassword : default,
        Pcrs = file.EndsWith("pcr", StringComparison.Ordinal) ? [23] : [],
        EndorsementParent = file.StartsWith("ek", StringComparison.Ordinal),
        SessionEncryptionName = name,
    };

    private async Task<IReadOnlyList<byte[]>> TraceAsync(string file, string? name, byte[] text)
    {
        using var relay = new TpmRelay(tpm);
        using (var key = Signing.Open(Options(file, relay, name)))
        {
            await Signing.SignAsync(key, text);
        }

        return [.. relay.Commands, .. relay.Answers];
    }
}
