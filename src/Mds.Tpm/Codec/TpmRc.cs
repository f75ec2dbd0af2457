namespace Mds.Tpm;

/// <summary>
/// Response codes (Part 2, 6.6.3, TPM_RC). A code of format one says by its low byte what is wrong, and above it
/// with which handle, session or parameter (Part 2, 6.6.2).
/// </summary>
internal static class TpmRc
{
    public const uint Success = 0;
    public const uint Initialize = 0x100;
    public const uint PcrChanged = 0x128;

    // Format one.
    public const uint Attributes = 0x082;
    public const uint Value = 0x084;
    public const uint Type = 0x08A;
    public const uint Handle = 0x08B;
    public const uint AuthFail = 0x08E;
    public const uint Scheme = 0x092;
    public const uint PolicyFail = 0x09D;
    public const uint Integrity = 0x09F;
    public const uint BadAuth = 0x0A2;

    // Warnings: the same command may succeed later.
    public const uint ObjectMemory = 0x902;
    public const uint SessionMemory = 0x903;
    public const uint Memory = 0x904;
    public const uint SessionHandles = 0x905;
    public const uint ObjectHandles = 0x906;
    public const uint Yielded = 0x908;
    public const uint Testing = 0x90A;
    public const uint ReferenceH0 = 0x910;
    public const uint ReferenceS6 = 0x91E;
    public const uint NvRate = 0x920;
    public const uint Lockout = 0x921;
    public const uint Retry = 0x922;

    private const uint FormatOne = 0x080;

    /// <summary>The code without the number of the handle, session or parameter that it is about.</summary>
    public static uint Kind(uint code) => (code & FormatOne) != 0 ? code & 0x0BF : code;
}
