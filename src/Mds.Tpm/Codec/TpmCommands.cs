using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>The commands that are sent, each with its parameters in the order of the specification (Part 3).</summary>
internal sealed class TpmCommands(TpmChannel channel)
{
    private const byte HmacSession = 0x00; // Part 2, 6.11, TPM_SE
    private const byte PolicySession = 0x01;
    private const ushort StartupClear = 0x0000; // Part 2, 6.10, TPM_SU

    /// <summary>Where the TPM is.</summary>
    public TpmAddress Address => channel.Address;

    /// <summary>TPM2_Startup (Part 3, 9.3), for a TPM that nobody has started: the firmware or the kernel does it elsewhere.</summary>
    public void Startup()
    {
        var parameters = new TpmWriter().UInt16(StartupClear);
        channel.Execute(TpmCc.Startup, [], [], parameters.Written);
    }

    /// <summary>TPM2_StartAuthSession (Part 3, 11.1).</summary>
    /// <param name="isPolicy">Whether it is to collect a policy.</param>
    /// <param name="saltKey">The key that only this TPM has, for which the salt is encrypted; <see langword="null"/> for no salt.</param>
    /// <param name="saltPublic">The key's public half.</param>
    public TpmSession StartAuthSession(bool isPolicy, TpmEntity? saltKey = null, RSAParameters saltPublic = default)
    {
        var nonce = RandomNumberGenerator.GetBytes(TpmSession.NonceLength);
        var salt = saltKey is null ? [] : RandomNumberGenerator.GetBytes(TpmSession.NonceLength);
        var parameters = new TpmWriter();
        parameters.Sized(nonce)
            .Sized(saltKey is null ? [] : SaltEncryption.Encrypt(salt, saltPublic))
            .Byte(isPolicy ? PolicySession : HmacSession);
        _ = saltKey is null
            ? parameters.UInt16(TpmAlg.Null)
            : parameters.UInt16(TpmAlg.Aes).UInt16(128).UInt16(TpmAlg.Cfb);
        parameters.UInt16(TpmAlg.Sha256);
        var response = channel.Execute(
            TpmCc.StartAuthSession,
            [saltKey ?? TpmEntity.Permanent(TpmRh.Null), TpmEntity.Permanent(TpmRh.Null)],
            [],
            parameters.Written,
            responseHandles: 1);
        var session = new TpmSession(response.UInt32(), isPolicy, salt, nonce, response.Sized().ToArray());
        CryptographicOperations.ZeroMemory(salt);
        return session;
    }

    /// <summary>
    /// TPM2_CreatePrimary (Part 3, 24.1). The key gets no password: it would have to be sent, and could be left out by whoever
    /// makes the same key of the same template.
    /// </summary>
    /// <param name="hierarchy">The hierarchy whose seed the key is made of.</param>
    /// <param name="template">What key to make.</param>
    /// <param name="hierarchyAuthorization">The hierarchy's password.</param>
    public (TpmEntity Entity, TpmPublic Public) CreatePrimary(
        uint hierarchy, ReadOnlySpan<byte> template, TpmAuthorization hierarchyAuthorization)
    {
        var sensitive = new TpmWriter().Sized([]).Sized([]); // no password, no data; Part 2, 11.1.15, TPMS_SENSITIVE_CREATE
        var parameters = new TpmWriter()
            .Sized(sensitive.Written)
            .Sized(template)
            .Sized([]) // outsideInfo
            .UInt32(0); // creationPCR
        var response = channel.Execute(
            TpmCc.CreatePrimary, [TpmEntity.Permanent(hierarchy)], [hierarchyAuthorization], parameters.Written, responseHandles: 1);
        var handle = response.UInt32();
        var area = TpmPublic.Parse(response.Sized());
        return (new TpmEntity(handle, area.Name), area);
    }

    /// <summary>TPM2_Load (Part 3, 12.2): a key file's content below its parent.</summary>
    public TpmEntity Load(
        TpmEntity parent, IReadOnlyList<TpmAuthorization> authorizations, ReadOnlySpan<byte> privateArea, TpmPublic area)
    {
        var parameters = new TpmWriter().Sized(privateArea).Sized(area.Area);
        var response = channel.Execute(TpmCc.Load, [parent], authorizations, parameters.Written, responseHandles: 1);
        return new TpmEntity(response.UInt32(), area.Name);
    }

    /// <summary>TPM2_ReadPublic (Part 3, 12.4). Never in a session: its proof would need the name that is still to be learnt.</summary>
    public TpmPublic ReadPublic(uint handle)
    {
        var response = channel.Execute(TpmCc.ReadPublic, [TpmEntity.Permanent(handle)], [], []);
        return TpmPublic.Parse(response.Sized());
    }

    /// <summary>TPM2_Sign (Part 3, 20.2) with RSASSA-PKCS1-v1_5; answers the signature.</summary>
    public byte[] Sign(TpmEntity key, IReadOnlyList<TpmAuthorization> authorizations, ReadOnlySpan<byte> digest, ushort hash)
    {
        var parameters = new TpmWriter()
            .Sized(digest)
            .UInt16(TpmAlg.RsaSsa).UInt16(hash)
            .UInt16(TpmSt.HashCheck).UInt32(TpmRh.Null).Sized([]); // Part 2, 10.7.6: no ticket, the hash was made here
        var response = channel.Execute(TpmCc.Sign, [key], authorizations, parameters.Written);
        return response.UInt16() == TpmAlg.RsaSsa && response.UInt16() == hash
            ? response.Sized().ToArray()
            : throw new TpmFormatException();
    }

    /// <summary>TPM2_FlushContext (Part 3, 28.4). The handle is a parameter, so that it needs no authorisation.</summary>
    public void FlushContext(uint handle)
    {
        var parameters = new TpmWriter().UInt32(handle);
        channel.Execute(TpmCc.FlushContext, [], [], parameters.Written);
    }

    /// <summary>TPM2_PolicyRestart (Part 3, 11.2): the session's digest is zero again.</summary>
    public void PolicyRestart(TpmSession session) => channel.Execute(TpmCc.PolicyRestart, [session.Entity], [], []);

    /// <summary>TPM2_PolicyPCR (Part 3, 23.7) with the values that the PCRs have now.</summary>
    public void PolicyPcr(TpmSession session, IReadOnlyCollection<int> pcrs)
    {
        var parameters = new TpmWriter().Sized([]).PcrSelection(pcrs);
        channel.Execute(TpmCc.PolicyPcr, [session.Entity], [], parameters.Written);
    }

    /// <summary>TPM2_PolicyAuthValue (Part 3, 23.17): the key's password must be proven as well.</summary>
    public void PolicyAuthValue(TpmSession session) => channel.Execute(TpmCc.PolicyAuthValue, [session.Entity], [], []);

    /// <summary>TPM2_PolicyOR (Part 3, 23.6).</summary>
    public void PolicyOr(TpmSession session, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var parameters = new TpmWriter().UInt32(2).Sized(first).Sized(second);
        channel.Execute(TpmCc.PolicyOr, [session.Entity], [], parameters.Written);
    }

    /// <summary>TPM2_PolicyGetDigest (Part 3, 23.19).</summary>
    public byte[] PolicyGetDigest(TpmSession session) =>
        channel.Execute(TpmCc.PolicyGetDigest, [session.Entity], [], []).Sized().ToArray();

    /// <summary>TPM2_PolicySecret (Part 3, 23.4) for the endorsement hierarchy, which endorsement keys ask for.</summary>
    public void PolicySecret(TpmSession session, TpmAuthorization endorsement)
    {
        var parameters = new TpmWriter()
            .Sized([]) // nonceTPM: not bound to this session
            .Sized([]) // cpHashA: good for any command
            .Sized([]) // policyRef
            .UInt32(0); // expiration: none
        channel.Execute(
            TpmCc.PolicySecret, [TpmEntity.Permanent(TpmRh.Endorsement), session.Entity], [endorsement], parameters.Written);
    }

    /// <summary>TPM2_PCR_Read (Part 3, 22.4) of one SHA-256 PCR; empty when the TPM has no such PCR.</summary>
    public byte[] PcrRead(int pcr)
    {
        var parameters = new TpmWriter().PcrSelection([pcr]);
        var response = channel.Execute(TpmCc.PcrRead, [], [], parameters.Written);
        response.UInt32(); // pcrUpdateCounter
        for (var selections = response.UInt32(); selections > 0; selections--)
        {
            response.UInt16();
            response.Bytes(response.Byte());
        }

        return response.UInt32() == 0 ? [] : response.Sized().ToArray();
    }

    /// <summary>TPM2_GetCapability (Part 3, 30.2): one fixed or variable property of the TPM (Part 2, 6.13, TPM_PT).</summary>
    public uint Property(uint property)
    {
        const uint TpmProperties = 0x00000006; // Part 2, 6.12, TPM_CAP_TPM_PROPERTIES
        var parameters = new TpmWriter().UInt32(TpmProperties).UInt32(property).UInt32(1);
        var response = channel.Execute(TpmCc.GetCapability, [], [], parameters.Written);
        response.Byte(); // moreData
        response.UInt32(); // capability
        return response.UInt32() == 1 && response.UInt32() == property ? response.UInt32() : 0;
    }

    /// <summary>TPM2_GetCapability (Part 3, 30.2): the handles of one kind that are in use.</summary>
    /// <param name="kind">The first byte of the handles.</param>
    public IReadOnlyList<uint> Handles(uint kind)
    {
        const uint TpmHandles = 0x00000001; // Part 2, 6.12, TPM_CAP_HANDLES
        var parameters = new TpmWriter().UInt32(TpmHandles).UInt32(kind << 24).UInt32(64);
        var response = channel.Execute(TpmCc.GetCapability, [], [], parameters.Written);
        response.Byte(); // moreData
        response.UInt32(); // capability
        var handles = new List<uint>();
        for (var count = response.UInt32(); count > 0; count--)
        {
            handles.Add(response.UInt32());
        }

        return handles;
    }
}
