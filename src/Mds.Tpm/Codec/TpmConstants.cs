namespace Mds.Tpm;

/// <summary>Structure tags (Part 2, 6.9, TPM_ST).</summary>
internal static class TpmSt
{
    public const ushort NoSessions = 0x8001;
    public const ushort Sessions = 0x8002;
    public const ushort HashCheck = 0x8024;
}

/// <summary>Algorithms (Part 2, 6.3, TPM_ALG_ID).</summary>
internal static class TpmAlg
{
    public const ushort Rsa = 0x0001;
    public const ushort KeyedHash = 0x0008;
    public const ushort Aes = 0x0006;
    public const ushort Sha256 = 0x000B;
    public const ushort Sha384 = 0x000C;
    public const ushort Sha512 = 0x000D;
    public const ushort Null = 0x0010;
    public const ushort RsaSsa = 0x0014;
    public const ushort RsaEs = 0x0015;
    public const ushort Ecc = 0x0023;
    public const ushort SymCipher = 0x0025;
    public const ushort Cfb = 0x0043;
}

/// <summary>Command codes (Part 2, 6.5.2, TPM_CC).</summary>
internal enum TpmCc : uint
{
    CreatePrimary = 0x0131,
    Startup = 0x0144,
    PolicySecret = 0x0151,
    Load = 0x0157,
    Sign = 0x015D,
    FlushContext = 0x0165,
    PolicyAuthValue = 0x016B,
    PolicyOr = 0x0171,
    ReadPublic = 0x0173,
    StartAuthSession = 0x0176,
    GetCapability = 0x017A,
    PcrRead = 0x017E,
    PolicyPcr = 0x017F,
    PolicyRestart = 0x0180,
    DuplicationSelect = 0x0188,
    PolicyGetDigest = 0x0189,
}

/// <summary>Handles that every TPM has (Part 2, 7.4, TPM_RH).</summary>
internal static class TpmRh
{
    public const uint Owner = 0x40000001;
    public const uint Null = 0x40000007;
    public const uint Password = 0x40000009;
    public const uint Endorsement = 0x4000000B;
    public const uint Platform = 0x4000000C;
}

/// <summary>The kinds of handle, in their first byte (Part 2, 7.2, TPM_HT).</summary>
internal static class TpmHt
{
    public const uint LoadedSession = 0x02;
    public const uint Permanent = 0x40;
    public const uint Transient = 0x80;
    public const uint Persistent = 0x81;

    public static uint Of(uint handle) => handle >> 24;
}
