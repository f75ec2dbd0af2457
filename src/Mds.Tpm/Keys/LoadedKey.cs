namespace Mds.Tpm;

/// <summary>A key that is in the TPM now, with the sessions that it is used in.</summary>
/// <param name="Connection">What the handles belong to.</param>
/// <param name="Entity">The key.</param>
/// <param name="Public">Its public area.</param>
/// <param name="Requirement">What authorises it.</param>
/// <param name="HasPassword">Whether a password was given for it.</param>
/// <param name="Hmac">The session that proves passwords, and encrypts where it is salted.</param>
/// <param name="Policy">The session that collects the policy.</param>
/// <param name="Description">What it is below, for people.</param>
internal sealed record LoadedKey(
    TpmConnection Connection,
    TpmEntity Entity,
    TpmPublic Public,
    KeyRequirement Requirement,
    bool HasPassword,
    TpmSession? Hmac,
    TpmSession? Policy,
    string Description)
{
    private const int PcrAttempts = 8;

    /// <summary>Signs a hash.</summary>
    /// <param name="digest">The hash.</param>
    /// <param name="hash">Which hash it is.</param>
    /// <param name="password">The key's password.</param>
    /// <param name="pcrs">The PCRs that the key is bound to.</param>
    /// <exception cref="TpmResponseException">The TPM refused.</exception>
    public byte[] Sign(ReadOnlySpan<byte> digest, ushort hash, SecretBytes password, IReadOnlyCollection<int> pcrs)
    {
        var commands = Connection.Commands;
        switch (Requirement.Use)
        {
            case KeyUse.PasswordByPolicy:
                commands.PolicyRestart(Policy!);
                commands.PolicyAuthValue(Policy!);
                AddAlternative(commands, PolicyDigest.AuthValue);
                return commands.Sign(Entity, [new TpmAuthorization(Policy, password), .. Encryption], digest, hash);
            case KeyUse.Pcrs:
                return SignByPcrs(digest, hash, pcrs);
            default:
                return commands.Sign(
                    Entity, [Hmac is null ? TpmAuthorization.None : new TpmAuthorization(Hmac, password)], digest, hash);
        }
    }

    /// <summary>Lets it go, if its connection is still there.</summary>
    public void Flush()
    {
        Connection.Flush(Entity);
        foreach (var session in new[] { Hmac, Policy }.OfType<TpmSession>())
        {
            Connection.Flush(session.Entity);
            session.Dispose();
        }
    }

    private byte[] SignByPcrs(ReadOnlySpan<byte> digest, ushort hash, IReadOnlyCollection<int> pcrs)
    {
        var commands = Connection.Commands;
        for (var attempt = 1; ; attempt++)
        {
            commands.PolicyRestart(Policy!);
            commands.PolicyPcr(Policy!, pcrs);
            AddAlternative(commands, Requirement.Alternative is null ? [] : commands.PolicyGetDigest(Policy!));
            try
            {
                return commands.Sign(Entity, [new TpmAuthorization(Policy), .. Encryption], digest, hash);
            }
            catch (TpmResponseException e) when (e.Kind is TpmRc.PcrChanged && attempt < PcrAttempts)
            {
                // Since the policy was collected some PCR was extended, whichever: Linux extends PCR 10 for each program
                // that is started (IMA). It says nothing about those that the key is bound to (Part 3, 23.7).
            }
        }
    }

    private IEnumerable<TpmAuthorization> Encryption => Hmac is { IsSalted: true } ? [new TpmAuthorization(Hmac)] : [];

    // A key that came below its parent by other ways has the first policy alone.
    private void AddAlternative(TpmCommands commands, ReadOnlySpan<byte> reached)
    {
        if (Requirement.Alternative is { } alternative && !Public.AuthPolicy.Span.SequenceEqual(reached))
        {
            commands.PolicyOr(Policy!, reached, alternative);
        }
    }
}
