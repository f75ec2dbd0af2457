using System.Numerics;
using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// The public area of an object (Part 2, 12.2.4, TPMT_PUBLIC), kept as it was read, because its name is a hash over
/// exactly these bytes.
/// </summary>
internal sealed class TpmPublic
{
    private const int DefaultExponent = 65537; // what an exponent of zero means (Part 2, 12.2.3.5, TPMS_RSA_PARMS)

    private readonly byte[] _area;

    private TpmPublic(ReadOnlySpan<byte> area) => _area = area.ToArray();

    /// <summary>The public area without its length.</summary>
    public ReadOnlySpan<byte> Area => _area;

    /// <summary>The kind of object.</summary>
    public ushort Type { get; private init; }

    /// <summary>What may be done with it.</summary>
    public TpmObjectAttributes Attributes { get; private init; }

    /// <summary>The digest that a policy session must reach; empty when no policy authorises the object.</summary>
    public ReadOnlyMemory<byte> AuthPolicy { get; private init; }

    /// <summary>The signing scheme that is fixed in the key; <see cref="TpmAlg.Null"/> when the signer chooses.</summary>
    public ushort Scheme { get; private init; } = TpmAlg.Null;

    /// <summary>The hash that belongs to the scheme.</summary>
    public ushort SchemeHash { get; private init; } = TpmAlg.Null;

    /// <summary>The public key, when this is an RSA key.</summary>
    public RSAParameters? Rsa { get; private init; }

    /// <summary>
    /// The name: the hash's identifier and the hash of the public area (Part 1, 16). It is always computed here and never
    /// taken from the TPM, so that who answers in the TPM's place cannot pass another object off as this one.
    /// </summary>
    public byte[] Name => NameOf(_area);

    /// <summary>Reads a public area.</summary>
    /// <param name="area">The structure without its length.</param>
    /// <exception cref="TpmFormatException">It is none.</exception>
    public static TpmPublic Parse(ReadOnlySpan<byte> area)
    {
        var reader = new TpmReader(area);
        var type = reader.UInt16();
        if (reader.UInt16() != TpmAlg.Sha256)
        {
            // Sessions, policies and names of this library are all made with SHA-256.
            throw new TpmFormatException();
        }

        var attributes = (TpmObjectAttributes)reader.UInt32();
        var policy = reader.Sized().ToArray();
        if (type != TpmAlg.Rsa)
        {
            return new TpmPublic(area) { Type = type, Attributes = attributes, AuthPolicy = policy };
        }

        SkipSymmetric(ref reader);
        var scheme = reader.UInt16();
        var schemeHash = scheme is TpmAlg.Null or TpmAlg.RsaEs ? TpmAlg.Null : reader.UInt16(); // RSAES alone has no hash
        reader.UInt16(); // the size in bits, which the modulus has as well
        var exponent = reader.UInt32();
        var modulus = reader.Sized().ToArray();
        return new TpmPublic(area)
        {
            Type = type,
            Attributes = attributes,
            AuthPolicy = policy,
            Scheme = scheme,
            SchemeHash = schemeHash,
            Rsa = new RSAParameters
            {
                Modulus = modulus,
                Exponent = new BigInteger(exponent == 0 ? DefaultExponent : exponent).ToByteArray(isUnsigned: true, isBigEndian: true),
            },
        };
    }

    /// <summary>The name of a public area.</summary>
    public static byte[] NameOf(ReadOnlySpan<byte> area) => [TpmAlg.Sha256 >> 8, TpmAlg.Sha256 & 0xFF, .. SHA256.HashData(area)];

    // TPMT_SYM_DEF_OBJECT (Part 2, 11.1.7): which cipher a parent protects its children with.
    private static void SkipSymmetric(ref TpmReader reader)
    {
        if (reader.UInt16() != TpmAlg.Null)
        {
            reader.UInt16(); // bits
            reader.UInt16(); // mode
        }
    }
}
