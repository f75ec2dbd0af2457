using System.CommandLine;
using System.Security.Cryptography;
using Mds.Server.CredentialKinds;
using Mds.Tpm;

namespace Mds.Server.Commands;

/// <summary><c>mds-server tpm check</c>: says what there is to say about the TPM and the key, and signs once.</summary>
internal static class TpmCheckCommand
{
    private const int SentenceColumn = 15;

    /// <summary>Makes the command.</summary>
    public static Command Create() => TpmArguments.Command(
        "check", "Says what it finds: the TPM, the key, its parent, what authorises it; and signs once. Exit code 1 if the key cannot be used.", RunAsync);

    private static async Task RunAsync(TpmSettings settings, TpmKey key, InvocationConfiguration console, CancellationToken cancellation)
    {
        foreach (var (heading, sentence) in (await key.InspectAsync(cancellation)).Sentences)
        {
            Say(heading, sentence);
        }

        Say("Fingerprint", $"The SHA-256 of its public key is {key.Fingerprint}.");
        await key.SignHashAsync(RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes), HashAlgorithmName.SHA256, cancellation);
        Say("Signature", $"It has signed once, and the public key verifies it: the account \"{settings.Account}\" can have tokens.");

        void Say(string heading, string sentence) => console.Output.WriteLine(heading.PadRight(SentenceColumn) + sentence);
    }
}
