namespace Mds.Tpm;

/// <summary>What kind of trouble there is with a TPM or a key in it.</summary>
public enum TpmFault
{
    /// <summary>Nobody answers; it may come back.</summary>
    Unreachable,

    /// <summary>Somebody is there who does not answer in time; another client may hold the TPM.</summary>
    Silent,

    /// <summary>The TPM answers, but cannot do it now: it is locked, or its memory is full.</summary>
    Busy,

    /// <summary>Something answers that is no TPM 2.0.</summary>
    NotTpm2,

    /// <summary>The key, its file or what is asked of it cannot be used; another key or setting is needed.</summary>
    Unusable,

    /// <summary>The machine is not in the state that the key is bound to: a PCR has another value.</summary>
    PolicyRefused,

    /// <summary>The TPM refused a password. It counts refusals, and locks; nothing is sent to it for this key any more.</summary>
    PasswordRefused,

    /// <summary>What answers is not the TPM that was expected, or somebody changed its answer on the way.</summary>
    Untrusted,
}
