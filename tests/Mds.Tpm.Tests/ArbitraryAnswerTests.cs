using System.Buffers.Binary;

namespace Mds.Tpm.Tests;

/// <summary>Who stands between MDS and the TPM can answer anything: it is refused with a sentence, and the next true answers are used.</summary>
public sealed class ArbitraryAnswerTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    [Theory]
    [InlineData("below", false)]
    [InlineData("ek-pcr", false)]
    [InlineData("ek-pcr", true)]
    public async Task SignHash_AnyBytesForAnyCommand_IsRefusedWithASentence(string file, bool encrypted)
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address,
            KeyFile = TestKeys.KeyFile(file),
            KeyPassword = file == "below" ? TestKeys.KeyPassword : default,
            ParentPassword = file == "below" ? TestKeys.ParentPassword : default,
            Pcrs = file == "ek-pcr" ? [23] : [],
            EndorsementParent = file == "ek-pcr",
            SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
        });
        await Signing.SignAndVerifyAsync(key);
        var codes = relay.Commands.Select(TpmRelay.CodeOf).Distinct().ToList();
        var random = new Random(20300102);
        foreach (var code in codes)
        {
            for (var i = 0; i < 4; i++)
            {
                // From a TPM that has just been started, so that every command is sent again.
                tpm.Stop();
                tpm.Start();
                relay.Change = (command, answer) => TpmRelay.CodeOf(command) == code ? Arbitrary(random, answer) : answer;

                var failure = await Record.ExceptionAsync(() => Signing.SignAsync(key));

                Assert.True(failure is null or TpmException, $"0x{code:X}: {failure}");
                Assert.Null(key.Refusal);
                relay.Change = static (_, answer) => answer;
                await Signing.SignAndVerifyAsync(key);
            }
        }
    }

    // A success of any content; now and then only the end is cut off.
    private static byte[] Arbitrary(Random random, byte[] answer)
    {
        var changed = answer[..random.Next(10, answer.Length + 1)];
        if (random.Next(2) == 0)
        {
            random.NextBytes(changed.AsSpan(10));
        }

        BinaryPrimitives.WriteInt32BigEndian(changed.AsSpan(2), changed.Length);
        return changed;
    }
}
