namespace Mds.Tpm;

/// <summary>What a key's use has to be authorised with.</summary>
internal enum KeyUse
{
    /// <summary>Its password, which may be empty.</summary>
    Password,

    /// <summary>Its password, by a policy that asks for it.</summary>
    PasswordByPolicy,

    /// <summary>The values of PCRs.</summary>
    Pcrs,
}
