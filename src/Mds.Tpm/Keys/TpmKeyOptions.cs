namespace Mds.Tpm;

/// <summary>Which key of which TPM, and what authorises its use.</summary>
public sealed record TpmKeyOptions
{
    private const int LastPcr = 23;

    /// <summary>Where the TPM is.</summary>
    public TpmAddress Address { get; init; } = TpmAddress.Parse(TpmAddress.DefaultDevice);

    /// <summary>The persistent handle (0x81……) that holds the key; <see langword="null"/> when a file does.</summary>
    public uint? PersistentHandle { get; init; }

    /// <summary>The key file; <see langword="null"/> when a handle holds the key.</summary>
    public Tss2PrivateKey? KeyFile { get; init; }

    /// <summary>The key's password. The bytes are copied, and the copy is cleared when the key is disposed of.</summary>
    public ReadOnlyMemory<byte> KeyPassword { get; init; }

    /// <summary>
    /// The password of the key file's parent, where that is a persistent one; else of the endorsement hierarchy, where that is
    /// in use (<see cref="EndorsementParent"/>, <see cref="SessionEncryptionName"/>). A parent that is made of a template has none:
    /// whoever wants the key could make the same parent without.
    /// </summary>
    public ReadOnlyMemory<byte> ParentPassword { get; init; }

    /// <summary>The SHA-256 PCRs that the key is bound to.</summary>
    public IReadOnlyList<int> Pcrs { get; init; } = [];

    /// <summary>Whether the key was duplicated to the endorsement key, which is then its parent.</summary>
    public bool EndorsementParent { get; init; }

    /// <summary>
    /// The name of the endorsement key, as hexadecimal digits. Sessions are salted to that key and encrypt, and a TPM that has
    /// another one is refused; <see langword="null"/> for no encryption.
    /// </summary>
    public string? SessionEncryptionName { get; init; }

    /// <summary>Says in sentences what cannot be meant; empty when all is well.</summary>
    public IEnumerable<string> Problems()
    {
        if ((PersistentHandle is null) == (KeyFile is null))
        {
            yield return "A key is in a persistent handle or in a key file. Give exactly one of persistentHandle and keyFile.";
        }

        if (PersistentHandle is { } handle && TpmHt.Of(handle) != TpmHt.Persistent)
        {
            yield return $"0x{handle:X8} is no persistent handle. They are 0x81000000 to 0x81FFFFFF; list them with: tpm2_getcap handles-persistent.";
        }

        foreach (var pcr in Pcrs.Where(pcr => pcr is < 0 or > LastPcr))
        {
            yield return $"There is no PCR {pcr}. PCRs are 0 to {LastPcr}.";
        }

        if (SessionEncryptionName is { } name && !IsName(name))
        {
            yield return $"\"{name}\" is no name of an endorsement key: 000b and 64 more hexadecimal digits. "
                + "tpm2_readpublic --name writes it as bytes; xxd -p -c 100 makes digits of them.";
        }
    }

    private static bool IsName(string text) =>
        text.Length == 68 && text.All(char.IsAsciiHexDigit) && text.StartsWith("000b", StringComparison.OrdinalIgnoreCase);

    /// <summary>Names the key only: passwords do not belong in logs.</summary>
    public override string ToString() =>
        PersistentHandle is { } handle ? $"handle 0x{handle:X8} of {Address}" : $"{KeyFile?.Source} on {Address}";
}
