using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// A key file that only one TPM can load: the PEM block <c>TSS2 PRIVATE KEY</c> ("ASN.1 Specification for TPM 2.0 Key Files",
/// draft-bottomley-tpm2-keys), as tpm2_encodeobject, tpm2genkey and the OpenSSL provider write it.
/// </summary>
public sealed class Tss2PrivateKey
{
    private const string Label = "TSS2 PRIVATE KEY";
    private const string Loadable = "2.23.133.10.1.3";
    private const string Importable = "2.23.133.10.1.4";
    private const string Sealed = "2.23.133.10.1.5";

    private Tss2PrivateKey(string source, uint parent, TpmPublic area, byte[] privateArea)
    {
        Source = source;
        Parent = parent;
        Public = area;
        PrivateArea = privateArea;
    }

    /// <summary>What to call the file in sentences: its path.</summary>
    public string Source { get; }

    /// <summary>The parent: a hierarchy (0x40……), whose storage key it then is, or a persistent handle (0x81……).</summary>
    internal uint Parent { get; }

    /// <summary>The public area.</summary>
    internal TpmPublic Public { get; }

    /// <summary>The private area, encrypted by the parent.</summary>
    internal byte[] PrivateArea { get; }

    /// <summary>Reads a key file.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="source">What to call it in sentences: its path.</param>
    /// <exception cref="TpmException">It is no such file; the message says what it is.</exception>
    public static Tss2PrivateKey Parse(string text, string source)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!PemEncoding.TryFind(text, out var fields))
        {
            throw Unusable(source, string.IsNullOrWhiteSpace(text)
                ? "is empty"
                : $"holds no whole PEM block (-----BEGIN {Label}-----); make it with tpm2_encodeobject");
        }

        var label = text[fields.Label];
        if (label != Label)
        {
            throw Unusable(source, label switch
            {
                "PRIVATE KEY" or "RSA PRIVATE KEY" or "ENCRYPTED PRIVATE KEY" or "EC PRIVATE KEY" =>
                    $"is a key of the ordinary kind ({label}), which is in no TPM. Import it into one (tpm2_import, tpm2_encodeobject), and then delete it",
                "TSS2 KEY BLOB" => "is a key file of an older form (TSS2 KEY BLOB); make it anew with tpm2_encodeobject",
                _ => $"is a PEM block of another kind ({label}); it must be {Label}",
            });
        }

        try
        {
            return Read(Convert.FromBase64String(text[fields.Base64Data]), source);
        }
        catch (Exception e) when (e is AsnContentException or TpmFormatException or FormatException)
        {
            throw Unusable(source, "is damaged, or its objects are not named with SHA-256; make it anew with tpm2_encodeobject", e);
        }
    }

    private static Tss2PrivateKey Read(byte[] bytes, string source)
    {
        // BER: tpm2_encodeobject before 5.5 writes TRUE as 01, which DER forbids.
        var key = new AsnReader(bytes, AsnEncodingRules.BER).ReadSequence();
        var kind = key.ReadObjectIdentifier();
        if (kind != Loadable)
        {
            throw Unusable(source, kind switch
            {
                Importable => "is an importable key, which is in no TPM yet. Import it first (tpm2_import), and write what comes out with tpm2_encodeobject",
                Sealed => "holds sealed data, not a key",
                _ => $"is a TPM key of an unknown kind ({kind})",
            });
        }

        // [0] emptyAuth is passed over, because tpm2_encodeobject up to 5.4 writes it the wrong way round (tpm2-tools #3458);
        // [1] to [5] (policies, secret, description, RSA parent) because the public area says what authorises the key.
        while (key.PeekTag().TagClass == TagClass.ContextSpecific)
        {
            key.ReadEncodedValue();
        }

        var parent = key.ReadInteger();
        if (parent < 0 || parent > uint.MaxValue || !IsParent((uint)parent))
        {
            throw Unusable(source, $"names the parent 0x{parent:X}, which is neither a hierarchy nor a persistent handle");
        }

        var area = new TpmReader(key.ReadOctetString());
        var privateArea = new TpmReader(key.ReadOctetString());
        return new Tss2PrivateKey(source, (uint)parent, TpmPublic.Parse(area.Sized()), privateArea.Sized().ToArray());
    }

    private static bool IsParent(uint handle) =>
        handle is TpmRh.Owner or TpmRh.Endorsement or TpmRh.Platform or TpmRh.Null || TpmHt.Of(handle) == TpmHt.Persistent;

    private static TpmException Unusable(string source, string problem, Exception? cause = null) =>
        new(TpmFault.Unusable, $"The TPM key file {source} {problem}.", cause);
}
