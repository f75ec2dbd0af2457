using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>Which hashes a key signs.</summary>
internal static class RsaSsa
{
    /// <summary>The TPM's name of a hash, where this key signs it.</summary>
    /// <param name="algorithm">The hash.</param>
    /// <param name="length">How long the value to be signed is.</param>
    /// <param name="key">The key.</param>
    /// <param name="options">What to call the key.</param>
    /// <exception cref="TpmException">It does not.</exception>
    public static ushort Require(HashAlgorithmName algorithm, int length, TpmPublic key, TpmKeyOptions options)
    {
        var (hash, expected) = algorithm.Name switch
        {
            "SHA256" => (TpmAlg.Sha256, SHA256.HashSizeInBytes),
            "SHA384" => (TpmAlg.Sha384, SHA384.HashSizeInBytes),
            "SHA512" => (TpmAlg.Sha512, SHA512.HashSizeInBytes),
            _ => throw new TpmException(TpmFault.Unusable, $"TPM keys sign SHA-256, SHA-384 and SHA-512 hashes, not {algorithm.Name}."),
        };
        if (length != expected)
        {
            throw new TpmException(TpmFault.Unusable, $"A {algorithm.Name} hash has {expected} bytes, not {length}.");
        }

        return key.SchemeHash is TpmAlg.Null || key.SchemeHash == hash
            ? hash
            : throw new TpmException(
                TpmFault.Unusable, $"The TPM key ({options}) signs another hash than {algorithm.Name}. Make it with: tpm2_create -G rsa2048:rsassa-sha256.");
    }
}
