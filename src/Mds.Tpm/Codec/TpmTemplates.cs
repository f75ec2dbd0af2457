namespace Mds.Tpm;

/// <summary>The public areas that primary keys are made of. The same template gives the same key again, after every start.</summary>
internal static class TpmTemplates
{
    // TPM2_PolicySecret(TPM_RH_ENDORSEMENT): TCG EK Credential Profile, B.3.
    private static readonly byte[] EndorsementPolicy =
        Convert.FromHexString("837197674484B3F81A90CC8D46A5D724FD52D76E06520B64F2A1DA1B331469AA");

    /// <summary>
    /// The storage key that key files name by their hierarchy: template H-2 of the EK Credential Profile's ECC P-256 kind, with
    /// the attributes that "ASN.1 Specification for TPM 2.0 Key Files" asks for.
    /// </summary>
    public static byte[] StoragePrimary()
    {
        var writer = new TpmWriter();
        writer.UInt16(TpmAlg.Ecc).UInt16(TpmAlg.Sha256)
            .UInt32((uint)(TpmObjectAttributes.FixedTpm | TpmObjectAttributes.FixedParent | TpmObjectAttributes.SensitiveDataOrigin
                | TpmObjectAttributes.UserWithAuth | TpmObjectAttributes.NoDictionaryAttack
                | TpmObjectAttributes.Restricted | TpmObjectAttributes.Decrypt))
            .Sized([])
            .UInt16(TpmAlg.Aes).UInt16(128).UInt16(TpmAlg.Cfb)
            .UInt16(TpmAlg.Null) // scheme
            .UInt16(0x0003) // TPM_ECC_NIST_P256
            .UInt16(TpmAlg.Null) // key derivation
            .Sized([]).Sized([]); // x and y
        return writer.Written.ToArray();
    }

    /// <summary>The endorsement key: RSA-2048, template L-1 of the TCG EK Credential Profile (B.3.3).</summary>
    public static byte[] Endorsement()
    {
        var writer = new TpmWriter();
        writer.UInt16(TpmAlg.Rsa).UInt16(TpmAlg.Sha256)
            .UInt32((uint)(TpmObjectAttributes.FixedTpm | TpmObjectAttributes.FixedParent | TpmObjectAttributes.SensitiveDataOrigin
                | TpmObjectAttributes.AdminWithPolicy | TpmObjectAttributes.Restricted | TpmObjectAttributes.Decrypt))
            .Sized(EndorsementPolicy)
            .UInt16(TpmAlg.Aes).UInt16(128).UInt16(TpmAlg.Cfb)
            .UInt16(TpmAlg.Null) // scheme
            .UInt16(2048).UInt32(0)
            .Sized(new byte[256]);
        return writer.Written.ToArray();
    }
}
