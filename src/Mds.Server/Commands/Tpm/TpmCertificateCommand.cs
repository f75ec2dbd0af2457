using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mds.Server.CredentialKinds;
using Mds.Tpm;

namespace Mds.Server.Commands;

/// <summary>
/// <c>mds-server tpm certificate</c>: prints a certificate that the key has signed itself, the form in which Google takes
/// the public half of a key (docs: iam/docs/keys-upload).
/// </summary>
internal static class TpmCertificateCommand
{
    private const int Years = 10;

    /// <summary>Makes the command.</summary>
    public static Command Create() => TpmArguments.Command(
        "certificate", $"Prints a certificate of the key, signed by itself, good for {Years} years: gcloud iam service-accounts keys upload takes it.", RunAsync);

    private static async Task RunAsync(TpmSettings settings, TpmKey key, InvocationConfiguration console, CancellationToken cancellation)
    {
        using var rsa = new TpmRsa(key);
        var name = new X500DistinguishedName("CN=mds");
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).Create(
            name,
            X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1),
            now,
            now.AddYears(Years),
            RandomNumberGenerator.GetBytes(16));
        await console.Output.WriteLineAsync(certificate.ExportCertificatePem().AsMemory(), cancellation);
    }
}
