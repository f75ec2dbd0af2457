namespace Mds.Tpm;

/// <summary>The TPM answered a command with a response code that is not success.</summary>
internal sealed class TpmResponseException(TpmCc command, uint code)
    : Exception($"TPM2_{command} was answered with 0x{code:X3}.")
{
    /// <summary>The command.</summary>
    public TpmCc Command => command;

    /// <summary>The code as sent.</summary>
    public uint Code => code;

    /// <summary>What is wrong, without which handle, session or parameter it is about.</summary>
    public uint Kind => TpmRc.Kind(code);

    /// <summary>A password was wrong: the TPM may have counted it (Part 1, 19.8, dictionary attack protection).</summary>
    public bool IsWrongPassword => Kind is TpmRc.AuthFail or TpmRc.BadAuth;

    /// <summary>An object or session that was there is there no more: somebody flushed it, or the TPM was reset.</summary>
    public bool IsLostHandle =>
        Kind is TpmRc.Handle || Code is >= TpmRc.ReferenceH0 and <= TpmRc.ReferenceS6;

    /// <summary>There is no room for another object or session.</summary>
    public bool IsFull =>
        Code is TpmRc.ObjectMemory or TpmRc.SessionMemory or TpmRc.Memory or TpmRc.SessionHandles or TpmRc.ObjectHandles;

    /// <summary>The TPM wants the very same command once more (Part 1, 18.9; Part 2, 6.6.3).</summary>
    public static bool IsRepeatable(uint code) =>
        code is TpmRc.Retry or TpmRc.Yielded or TpmRc.Testing or TpmRc.NvRate;
}
