using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Mds.Tpm.Tests;

public sealed class ManyCallersTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    private const int Callers = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SignHash_ManyAtOnce_AreAllServedInTheirOrder(bool encrypted)
    {
        using var relay = new TpmRelay(tpm);
        using var key = Signing.Open(new TpmKeyOptions
        {
            Address = relay.Address,
            KeyFile = TestKeys.KeyFile("pcr"),
            Pcrs = [23],
            SessionEncryptionName = encrypted ? TestKeys.EndorsementName : null,
        });
        using var verifier = TestKeys.Verifier();
        var served = new ConcurrentQueue<int>();

        // Asked for in this order, by as many callers; each notes when it is answered.
        var callers = Enumerable.Range(0, Callers).Select(i => Text(i)).Select((text, i) =>
            Signing.SignAsync(key, text).ContinueWith(
                signing =>
                {
                    served.Enqueue(i);
                    return signing.Result;
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default)).ToArray();
        var signatures = await Task.WhenAll(callers);

        Assert.All(signatures.Index(), signed => Assert.True(
            verifier.VerifyData(Text(signed.Index), signed.Item, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        Assert.Equal(Callers, served.Count);
        if (!encrypted)
        {
            // The digests, in the order in which they reached the TPM.
            var digests = Enumerable.Range(0, Callers).ToDictionary(i => Convert.ToHexString(SHA256.HashData(Text(i))));
            var order = relay.Commands.Where(command => TpmRelay.CodeOf(command) == 0x15D)
                .Select(command => digests.First(known => Convert.ToHexString(command).Contains(known.Key, StringComparison.Ordinal)).Value);
            Assert.Equal(Enumerable.Range(0, Callers), order);
        }
    }

    [Fact]
    public async Task SignHash_ManyThreadsThatBlock_AreAllServed()
    {
        using var key = Signing.Open(new TpmKeyOptions { Address = tpm.Address, PersistentHandle = TestKeys.Plain });
        using var rsa = new TpmRsa(key);
        using var verifier = TestKeys.Verifier();
        using var together = new Barrier(Callers);
        var signatures = new byte[Callers][];
        var threads = Enumerable.Range(0, Callers).Select(i => new Thread(() =>
        {
            together.SignalAndWait();
            signatures[i] = rsa.SignData(Text(i), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        })).ToList();
        threads.ForEach(thread => thread.Start());
        await Task.Run(() => threads.ForEach(thread => thread.Join()), TestContext.Current.CancellationToken);

        Assert.All(signatures.Index(), signed => Assert.True(
            verifier.VerifyData(Text(signed.Index), signed.Item, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
    }

    // Each wants two objects and two sessions at a time, and the TPM has room for three of each.
    [Fact]
    public async Task SignHash_SeveralKeysOnOneTpm_ShareItsFewSlots()
    {
        var keys = new[] { "pcr", "ek-pcr", "pcrs" }.Select(file => Signing.Open(new TpmKeyOptions
        {
            Address = tpm.Address,
            KeyFile = TestKeys.KeyFile(file),
            Pcrs = file == "pcrs" ? [16, 23] : [23],
            EndorsementParent = file == "ek-pcr",
            SessionEncryptionName = TestKeys.EndorsementName,
        })).ToList();
        try
        {
            await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Signing.SignAndVerifyAsync(keys[i % keys.Count])));
        }
        finally
        {
            keys.ForEach(key => key.Dispose());
        }
    }

    private static byte[] Text(int caller) => Encoding.UTF8.GetBytes($"caller {caller}");
}
