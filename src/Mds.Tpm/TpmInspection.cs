using System.Buffers.Binary;
using System.Text;

namespace Mds.Tpm;

/// <summary>What there is to say about a TPM and a key in it, in sentences.</summary>
/// <param name="Sentences">The sentences, each with the heading it stands under.</param>
public sealed record TpmInspection(IReadOnlyList<KeyValuePair<string, string>> Sentences)
{
    // Part 2, 6.13, TPM_PT
    private const uint Revision = 0x102;
    private const uint Manufacturer = 0x105;
    private const uint VendorString1 = 0x106;
    private const uint FirmwareVersion1 = 0x10B;
    private const uint FirmwareVersion2 = 0x10C;
    private const uint LockoutCounter = 0x20E;
    private const uint MaxAuthFail = 0x20F;
    private const uint LockoutInterval = 0x210;

    internal static TpmInspection Of(TpmCommands commands, LoadedKey key, TpmKeyOptions options) => new(
    [
        new("TPM", Tpm(commands)),
        new("Lock-out", $"It has counted {commands.Property(LockoutCounter)} wrong passwords, locks at {commands.Property(MaxAuthFail)}, "
            + $"and forgets one every {commands.Property(LockoutInterval)} s."),
        new("Key", $"The {Where(options)} holds an RSA key of {key.Public.Rsa!.Value.Modulus!.Length * 8} bits that signs with {Scheme(key.Public)}."),
        new("Parent", key.Description),
        new("Authorisation", Authorisation(key, options)),
        new("Session", key.Hmac switch
        {
            { IsSalted: true } => "What is sent to the TPM is encrypted, for the endorsement key whose name is the expected one.",
            not null => "Nothing is encrypted between here and the TPM; passwords are proven and not sent.",
            _ => "Nothing is encrypted between here and the TPM.",
        }),
    ]);

    private static string Tpm(TpmCommands commands)
    {
        var revision = commands.Property(Revision);
        return $"{commands.Address} is a TPM 2.0 (revision {revision / 100}.{revision % 100:D2}), made by {Text(commands.Property(Manufacturer))} "
            + $"as \"{string.Concat(Enumerable.Range(0, 4).Select(i => Text(commands.Property(VendorString1 + (uint)i)))).Trim()}\", "
            + $"with the firmware {commands.Property(FirmwareVersion1):X8}.{commands.Property(FirmwareVersion2):X8}.";
    }

    private static string Where(TpmKeyOptions options) =>
        options.PersistentHandle is { } handle ? $"persistent handle 0x{handle:X8}" : $"key file {options.KeyFile!.Source}";

    private static string Scheme(TpmPublic area) => area switch
    {
        { Scheme: TpmAlg.Null } => "any scheme, so RSASSA and SHA-256 are asked for",
        { SchemeHash: TpmAlg.Null or TpmAlg.Sha256 } => "RSASSA and SHA-256",
        _ => $"RSASSA and the hash 0x{area.SchemeHash:X4}",
    };

    private static string Authorisation(LoadedKey key, TpmKeyOptions options)
    {
        var what = key.Requirement.Use switch
        {
            KeyUse.Password when !key.HasPassword => "No password is given: if the key signs, it signs for everybody who gets to this TPM",
            KeyUse.Pcrs when options.Pcrs.Count == 1 => $"The key can be used while PCR {options.Pcrs[0]} holds the value that it was bound to",
            KeyUse.Pcrs => $"The key can be used while the PCRs {string.Join(", ", options.Pcrs)} hold the values that it was bound to",
            KeyUse.PasswordByPolicy => "The key's policy asks for its password",
            _ => "The key is used with its password",
        };
        return key.Requirement.Alternative is null ? $"{what}." : $"{what}; the other branch of its policy let it be duplicated to the endorsement key.";
    }

    private static string Text(uint fourLetters)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, fourLetters);
        return Encoding.ASCII.GetString(bytes).TrimEnd('\0');
    }
}
