using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace Mds.Tpm;

/// <summary>
/// Encrypts the salt of a session for a key of the TPM: RSAES-OAEP with SHA-256 and the label <c>SECRET</c>, zero byte
/// included (Part 1, B.4 and B.10.2; RFC 8017, 7.1.1). .NET's RSA has no label, so that the padding is made here; no private
/// key is involved.
/// </summary>
internal static class SaltEncryption
{
    private static readonly byte[] LabelHash = SHA256.HashData(Encoding.ASCII.GetBytes("SECRET\0"));

    /// <summary>Encrypts.</summary>
    /// <param name="salt">The salt.</param>
    /// <param name="key">The public key.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> salt, RSAParameters key)
    {
        var length = key.Modulus!.Length;
        var encoded = new byte[length]; // 0 | seed | label hash, zeros, 1, salt
        var seed = encoded.AsSpan(1, SHA256.HashSizeInBytes);
        var block = encoded.AsSpan(1 + SHA256.HashSizeInBytes);
        try
        {
            RandomNumberGenerator.Fill(seed);
            LabelHash.CopyTo(block);
            block[^(salt.Length + 1)] = 1;
            salt.CopyTo(block[^salt.Length..]);
            Mask(block, seed);
            Mask(seed, block);
            var power = BigInteger.ModPow(Number(encoded), Number(key.Exponent), Number(key.Modulus));
            var encrypted = new byte[length];
            power.TryWriteBytes(encrypted.AsSpan(length - power.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true);
            return encrypted;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(encoded);
        }
    }

    private static BigInteger Number(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    // MGF1 with SHA-256 (RFC 8017, B.2.1), laid over the target.
    private static void Mask(Span<byte> target, ReadOnlySpan<byte> seed)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> input = stackalloc byte[seed.Length + sizeof(uint)];
        seed.CopyTo(input);
        for (var i = 0; i < target.Length; i++)
        {
            if (i % hash.Length == 0)
            {
                System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(input[^sizeof(uint)..], i / hash.Length);
                SHA256.HashData(input, hash);
            }

            target[i] ^= hash[i % hash.Length];
        }

        CryptographicOperations.ZeroMemory(input);
    }
}
