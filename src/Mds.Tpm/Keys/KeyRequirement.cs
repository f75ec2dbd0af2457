namespace Mds.Tpm;

/// <summary>What authorises a key, as its own public area says it, with what the settings must add.</summary>
/// <param name="Use">With what.</param>
/// <param name="Alternative">
/// The digest of the policy's other branch, which let the key be duplicated to the endorsement key; <see langword="null"/> when there is none.
/// </param>
internal sealed record KeyRequirement(KeyUse Use, byte[]? Alternative)
{
    /// <summary>Decides.</summary>
    /// <param name="key">The key's public area.</param>
    /// <param name="options">The settings.</param>
    /// <param name="endorsementName">The endorsement key's name; <see langword="null"/> when it is not the parent.</param>
    /// <exception cref="TpmException">The settings cannot authorise this key.</exception>
    public static KeyRequirement Of(TpmPublic key, TpmKeyOptions options, byte[]? endorsementName)
    {
        var policy = key.AuthPolicy.Span;
        var hasPassword = key.Attributes.HasFlag(TpmObjectAttributes.UserWithAuth);
        var alternative = endorsementName is null ? null : PolicyDigest.DuplicationSelect(endorsementName);
        if (policy.IsEmpty)
        {
            return (options.Pcrs.Count > 0, hasPassword) switch
            {
                (true, _) => throw Unusable("is bound to no PCRs: it has no policy. Leave pcrs out, or make a key with a policy (tpm2_policypcr)"),
                (_, false) => throw Unusable("can be used by nobody: it has neither a policy nor the attribute userwithauth"),
                _ => new KeyRequirement(KeyUse.Password, null),
            };
        }

        KeyRequirement? byPolicy =
            policy.SequenceEqual(PolicyDigest.AuthValue) ? new(KeyUse.PasswordByPolicy, null)
            : alternative is not null && policy.SequenceEqual(PolicyDigest.Or(PolicyDigest.AuthValue, alternative))
                ? new(KeyUse.PasswordByPolicy, alternative)
            : null;
        return (options.Pcrs.Count > 0, byPolicy, hasPassword) switch
        {
            (true, null, _) => new KeyRequirement(KeyUse.Pcrs, alternative),
            (true, _, _) => throw Unusable("is bound to its password, not to PCRs. Leave pcrs out"),
            (_, not null, _) => byPolicy,
            (_, _, true) => new KeyRequirement(KeyUse.Password, null),
            _ => throw Unusable("can be used only by a policy that the settings do not meet. Name the PCRs it is bound to (pcrs), "
                + "and say endorsementParent when it was duplicated to the endorsement key"),
        };

        TpmException Unusable(string problem) => new(TpmFault.Unusable, $"The TPM key ({options}) {problem}.");
    }
}
