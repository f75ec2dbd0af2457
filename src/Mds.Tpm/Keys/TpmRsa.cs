using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// A <see cref="TpmKey"/> as .NET's <see cref="RSA"/>, for whatever signs with one. It signs and verifies with
/// RSASSA-PKCS1-v1_5, and encrypts; the private key cannot be exported, because it is nowhere but in the TPM.
/// </summary>
public sealed class TpmRsa : RSA
{
    private readonly TpmKey _key;
    private readonly Lazy<RSA> _public;

    /// <summary>Wraps a key, which stays the caller's to dispose of.</summary>
    /// <param name="key">The key.</param>
    public TpmRsa(TpmKey key)
    {
        ArgumentNullException.ThrowIfNull(key);
        _key = key;
        // A failure must not stay: the TPM may come back.
        _public = new Lazy<RSA>(
            () => Create(key.GetPublicKeyAsync(CancellationToken.None).GetAwaiter().GetResult()), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <inheritdoc/>
    public override int KeySize => _public.Value.KeySize;

    /// <inheritdoc/>
    public override KeySizes[] LegalKeySizes => [new KeySizes(KeySize, KeySize, 0)];

    /// <inheritdoc/>
    public override byte[] SignHash(byte[] hash, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding)
    {
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentNullException.ThrowIfNull(padding);
        return padding == RSASignaturePadding.Pkcs1
            ? _key.SignHashAsync(hash, hashAlgorithm, CancellationToken.None).GetAwaiter().GetResult()
            : throw new CryptographicException($"This TPM key signs with the padding Pkcs1, not {padding}.");
    }

    /// <inheritdoc/>
    public override bool VerifyHash(byte[] hash, byte[] signature, HashAlgorithmName hashAlgorithm, RSASignaturePadding padding) =>
        _public.Value.VerifyHash(hash, signature, hashAlgorithm, padding);

    /// <inheritdoc/>
    public override byte[] Encrypt(byte[] data, RSAEncryptionPadding padding) => _public.Value.Encrypt(data, padding);

    /// <inheritdoc/>
    public override RSAParameters ExportParameters(bool includePrivateParameters) =>
        includePrivateParameters
            ? throw new CryptographicException("The private key is in a TPM and does not leave it.")
            : _public.Value.ExportParameters(includePrivateParameters: false);

    /// <inheritdoc/>
    public override void ImportParameters(RSAParameters parameters) =>
        throw new CryptographicException("A key in a TPM cannot be replaced by another one.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _public.IsValueCreated)
        {
            _public.Value.Dispose();
        }

        base.Dispose(disposing);
    }
}
