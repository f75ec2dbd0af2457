using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Mds.Tpm;

/// <summary>KDFa, the TPM's key derivation: HMAC in counter mode, here with SHA-256 (Part 1, 11.4.10.2; NIST SP 800-108).</summary>
internal static class KeyDerivation
{
    /// <summary>Derives at most 256 bits.</summary>
    /// <param name="key">The secret.</param>
    /// <param name="label">What the bits are for: <c>ATH</c> for a session key, <c>CFB</c> for parameter encryption.</param>
    /// <param name="contextU">The first context.</param>
    /// <param name="contextV">The second context.</param>
    public static byte[] Derive(ReadOnlySpan<byte> key, string label, ReadOnlySpan<byte> contextU, ReadOnlySpan<byte> contextV)
    {
        const int Bits = 256; // one round of SHA-256
        Span<byte> number = stackalloc byte[sizeof(uint)];
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        BinaryPrimitives.WriteUInt32BigEndian(number, 1);
        hmac.AppendData(number);
        hmac.AppendData(Encoding.ASCII.GetBytes(label + "\0"));
        hmac.AppendData(contextU);
        hmac.AppendData(contextV);
        BinaryPrimitives.WriteUInt32BigEndian(number, Bits);
        hmac.AppendData(number);
        return hmac.GetHashAndReset();
    }
}
