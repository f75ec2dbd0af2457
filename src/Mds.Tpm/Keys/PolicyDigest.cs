using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>The digests of policies that do not depend on the machine's state, as a policy session reaches them (Part 3, 23).</summary>
internal static class PolicyDigest
{
    private static readonly byte[] Zero = new byte[SHA256.HashSizeInBytes];

    /// <summary>TPM2_PolicyAuthValue (Part 3, 23.17): the key's password.</summary>
    public static byte[] AuthValue { get; } = Extend(TpmCc.PolicyAuthValue);

    /// <summary>TPM2_PolicyDuplicationSelect (Part 3, 23.15) to a new parent, whatever the object: how a key gets below an endorsement key.</summary>
    /// <param name="parent">The name of the new parent.</param>
    public static byte[] DuplicationSelect(ReadOnlySpan<byte> parent) => Extend(TpmCc.DuplicationSelect, parent, [0]);

    /// <summary>TPM2_PolicyOR (Part 3, 23.6) of two policies.</summary>
    public static byte[] Or(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => Extend(TpmCc.PolicyOr, first, second);

    private static byte[] Extend(TpmCc code, ReadOnlySpan<byte> first = default, ReadOnlySpan<byte> second = default) =>
        SHA256.HashData([.. Zero, .. TpmEntity.Permanent((uint)code).Name, .. first, .. second]);
}
