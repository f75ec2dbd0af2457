namespace Mds.Tpm;

/// <summary>Says in a sentence what a response code means that nobody nearer to the cause has explained.</summary>
internal static class TpmTrouble
{
    public static TpmException Explain(TpmResponseException e, TpmAddress address) => e switch
    {
        { Code: TpmRc.Lockout } => new(
            TpmFault.Busy,
            $"The TPM {address} is locked after too many wrong passwords, by whomever they were given. It unlocks by itself in time, "
            + "or with: tpm2_dictionarylockout --clear-lockout.",
            e),
        { Code: TpmRc.ObjectMemory or TpmRc.ObjectHandles or TpmRc.Memory } => new(
            TpmFault.Busy,
            $"The TPM {address} has no room for another object, and what is in it could not be removed. "
            + $"Use {TpmAddress.DefaultDevice}, which makes room by itself, or remove it with: tpm2_flushcontext --transient-object.",
            e),
        { Code: TpmRc.SessionMemory or TpmRc.SessionHandles } => new(
            TpmFault.Busy,
            $"The TPM {address} has no room for another session, and those in it are not this process's to end. "
            + "End them with: tpm2_flushcontext --loaded-session and tpm2_flushcontext --saved-session.",
            e),
        { Code: TpmRc.Initialize } => new(
            TpmFault.Busy, $"The TPM {address} has not been started, and would not start now. Restart what is in charge of it.", e),
        { Code: TpmRc.PcrChanged } => new(
            TpmFault.Busy, $"PCRs of the TPM {address} are being extended all the time, so that no policy over them holds until the signature.", e),
        { IsLostHandle: true } => new(
            TpmFault.Busy, $"The TPM {address} loses what was loaded into it: somebody else seems to flush it.", e),
        _ => new(TpmFault.Unusable, $"The TPM {address} refused TPM2_{e.Command} with the response code 0x{e.Code:X3} (tpm2_rc_decode explains it).", e),
    };
}
