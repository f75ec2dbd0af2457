using System.Security.Cryptography;

namespace Mds.Tpm.Tests;

/// <summary>
/// The keys that make-keys makes, once for all tests, and the state of the software TPM that has them: each test class starts a
/// TPM of its own on a copy.
/// </summary>
internal static class TestKeys
{
    public const uint Plain = 0x81010002;
    public const uint WithPassword = 0x81010003;
    public const uint WithPcr = 0x81010004;
    public const uint EndorsedPassword = 0x81010005;
    public const uint EndorsedPcr = 0x81010006;

    private static readonly Lazy<string> Made = new(Make);

    public static string Folder => Made.Value;

    public static string State => Path.Combine(Folder, "state");

    /// <summary>The name of the endorsement key, as tpm2_readpublic tells it.</summary>
    public static string EndorsementName => Text("ek.name.hex");

    public static byte[] KeyPassword => "key-password"u8.ToArray();

    public static byte[] ParentPassword => "parent-password"u8.ToArray();

    public static string Text(string file) => File.ReadAllText(Path.Combine(Folder, file));

    public static Tss2PrivateKey KeyFile(string name) => Tss2PrivateKey.Parse(Text($"{name}.tss"), $"{name}.tss");

    /// <summary>The key that verifies: it was made by openssl, outside the TPM.</summary>
    public static RSA Verifier(string name = "sa")
    {
        var key = RSA.Create();
        key.ImportFromPem(Text($"{name}.pub.pem"));
        return key;
    }

    private static string Make()
    {
        var folder = Directory.CreateTempSubdirectory("mds-tpm-keys-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(Path.Combine(folder, "state"));
        using var tpm = SoftwareTpm.StartOn(Path.Combine(folder, "state"));
        tpm.Run(Repository.PathOf("tests/Mds.Tpm.Tests/SoftwareTpms/make-keys"), folder);
        return folder;
    }
}
