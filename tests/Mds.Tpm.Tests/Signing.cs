using System.Security.Cryptography;
using System.Text;

namespace Mds.Tpm.Tests;

/// <summary>Signs through the whole stack, and verifies with a key that the TPM has nothing to do with.</summary>
internal static class Signing
{
    public static TpmKey Open(TpmKeyOptions options) => new(options, TimeProvider.System);

    /// <summary>Signs once; a signature that does not verify fails the test.</summary>
    public static async Task SignAndVerifyAsync(TpmKey key, string verifier = "sa")
    {
        using var rsa = TestKeys.Verifier(verifier);
        var text = Encoding.UTF8.GetBytes(Guid.NewGuid().ToString());
        var signature = await SignAsync(key, text);
        Assert.True(rsa.VerifyData(text, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    public static Task<byte[]> SignAsync(TpmKey key, byte[]? text = null) =>
        key.SignHashAsync(SHA256.HashData(text ?? []), HashAlgorithmName.SHA256, TestContext.Current.CancellationToken);

    /// <summary>What the TPM says about a signature that it refuses.</summary>
    public static async Task<TpmException> RefusalAsync(TpmKey key) => await Assert.ThrowsAsync<TpmException>(() => SignAsync(key));

    public static async Task<TpmException> RefusalAsync(TpmKeyOptions options)
    {
        using var key = Open(options);
        return await RefusalAsync(key);
    }
}
