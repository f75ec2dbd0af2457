namespace Mds.Tpm;

/// <summary>What a key must be, and what it means when the TPM refuses to use it.</summary>
internal static class KeyChecks
{
    private const uint LockoutCounter = 0x20E; // Part 2, 6.13, TPM_PT_LOCKOUT_COUNTER
    private const uint MaxAuthFail = 0x20F; // TPM_PT_MAX_AUTH_FAIL

    /// <summary>Refuses keys that cannot make RSASSA signatures over a given hash.</summary>
    public static void RequireSigningKey(TpmPublic area, TpmKeyOptions options)
    {
        var problem = area switch
        {
            { Rsa: null } => $"is {Kind(area.Type)}; it must be an RSA key, because Google's tokens are signed with RS256",
            _ when !area.Attributes.HasFlag(TpmObjectAttributes.Sign) =>
                "is no signing key: it lacks the attribute sign. Keys that protect other keys, as storage and endorsement keys do, cannot be used",
            _ when area.Attributes.HasFlag(TpmObjectAttributes.Restricted) =>
                "is a restricted signing key, which signs only what the TPM itself has hashed. Make it without the attribute restricted",
            { Scheme: not (TpmAlg.Null or TpmAlg.RsaSsa) } =>
                $"signs with another scheme (0x{area.Scheme:X4}) than RSASSA. Make it with: tpm2_create -G rsa2048:rsassa",
            _ => null,
        };
        if (problem is not null)
        {
            throw new TpmException(TpmFault.Unusable, $"The TPM key ({options}) {problem}.");
        }
    }

    /// <summary>The refusal of a password, with how near the TPM is to locking itself.</summary>
    /// <param name="commands">The TPM.</param>
    /// <param name="whose">Whose password it is.</param>
    /// <param name="setting">The setting that gave it; <see langword="null"/> when none was given.</param>
    /// <param name="cause">The refusal.</param>
    public static TpmException WrongPassword(TpmCommands commands, string whose, string? setting, TpmResponseException cause) => new(
        TpmFault.PasswordRefused,
        (setting is null
            ? $"The TPM {commands.Address} refused to do without a password: {whose} has one. "
            : $"The TPM {commands.Address} refused the password of {whose} ({setting}): it is wrong. ")
        + Count(commands, cause)
        + "Nothing is tried again until the settings or the files they name change.",
        cause);

    /// <summary>The refusal of the machine's state.</summary>
    /// <param name="pcrs">The PCRs that the key is bound to, or those of them that are known to have changed.</param>
    /// <param name="areKnown">Whether these have changed since the last signature.</param>
    /// <param name="address">Where the TPM is.</param>
    /// <param name="cause">The refusal.</param>
    public static TpmException WrongPcrs(IReadOnlyList<int> pcrs, bool areKnown, TpmAddress address, TpmResponseException cause)
    {
        var (subject, verb, value) = pcrs.Count == 1
            ? ($"PCR {pcrs[0]}", "does", "the value")
            : ($"At least one of the PCRs {string.Join(", ", pcrs)}", "does", "the value");
        return new TpmException(
            TpmFault.PolicyRefused,
            areKnown
                ? $"{subject} of the TPM {address} has changed since the last signature and {verb} not hold {value} any more that the key is bound to. "
                    + "The machine's state is another; signing goes on when it is as before."
                : $"{subject} of the TPM {address} {verb} not hold {value} that the key is bound to, or the key is bound to other PCRs than these (pcrs). "
                    + "Signing begins when the machine is in that state; otherwise make the key anew.",
            cause);
    }

    private static string Kind(ushort type) => type switch
    {
        TpmAlg.Ecc => "an elliptic curve key",
        TpmAlg.KeyedHash => "an HMAC key or sealed data",
        TpmAlg.SymCipher => "a symmetric key",
        _ => $"an object of the kind 0x{type:X4}",
    };

    private static string Count(TpmCommands commands, TpmResponseException cause)
    {
        if (cause.Kind is not TpmRc.AuthFail)
        {
            return ""; // not counted: hierarchies, and keys made with the attribute noda (Part 1, 19.8)
        }

        try
        {
            var counted = commands.Property(LockoutCounter);
            return $"It has counted {counted} wrong password{(counted == 1 ? "" : "s")}, and locks at {commands.Property(MaxAuthFail)} for everybody. ";
        }
        catch (Exception e) when (e is TpmResponseException or TpmException or TpmFormatException)
        {
            // The refusal is what counts, even of a TPM that goes away right after it.
            return "It counts wrong passwords, and locks for everybody. ";
        }
    }
}
