using System.Collections;
using System.CommandLine;
using System.Security.Cryptography;
using Mds.Credentials;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Tpm;

namespace Mds.Server.Commands;

/// <summary>
/// <c>mds-server tpm check</c>: says what there is to say about the TPM and the key that the same switches would make the
/// server use, and signs once.
/// </summary>
internal static class TpmCommand
{
    private const int WrongSettings = 2;
    private const int Unusable = 1;

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var check = new Command(
            "check",
            "Says what it finds: the TPM, the key, its parent, what authorises it; and signs once. It takes the server's own switches and "
            + "variables: -tpm-path, -persistentHandle, -keyfile, -keyPassFile, … or -settings. Exit code 1 if the key cannot be used.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        check.SetAction((result, cancellation) => RunAsync(result.UnmatchedTokens, result.InvocationConfiguration, cancellation));
        return new Command("tpm", "Looks at a key inside a TPM 2.0.") { check };
    }

    private static async Task<int> RunAsync(IReadOnlyList<string> arguments, InvocationConfiguration console, CancellationToken cancellation)
    {
        List<TpmSettings> credentials;
        try
        {
            credentials = Read(arguments);
        }
        catch (SettingsException exception)
        {
            return Fail(console, exception.Errors, WrongSettings);
        }

        foreach (var credential in credentials)
        {
            try
            {
                using var key = credential.OpenKey(CredentialFiles.Read(credential.Files), TimeProvider.System);
                foreach (var (heading, sentence) in (await key.InspectAsync(cancellation)).Sentences)
                {
                    Say(heading, sentence);
                }

                Say("Fingerprint", $"The SHA-256 of its public key is {key.Fingerprint}.");
                await key.SignHashAsync(RandomNumberGenerator.GetBytes(SHA256.HashSizeInBytes), HashAlgorithmName.SHA256, cancellation);
                Say("Signature", $"It has signed once, and the public key verifies it: the account \"{credential.Account}\" can have tokens.");
            }
            catch (Exception exception) when (exception is TpmException or TokenSourceException)
            {
                return Fail(console, [exception.Message], Unusable);
            }
        }

        return 0;

        void Say(string heading, string sentence) => console.Output.WriteLine(heading.PadRight(15) + sentence);
    }

    // What the server would use, were it started with these.
    private static List<TpmSettings> Read(IReadOnlyList<string> arguments)
    {
        var switches = CommandLineParser.Parse(arguments) switch
        {
            RunCommand run => run.Switches.ToDictionary(),
            InvalidCommand invalid => throw new SettingsException(invalid.Errors),
            _ => throw new SettingsException(["Give the switches that the server is started with, as in: mds-server tpm check -persistentHandle 0x81010002."]),
        };
        if (!switches.ContainsKey("settings"))
        {
            switches.TryAdd("tpm", "true");
        }

        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        var credentials = SettingsReader.Read(switches, variables).Credentials.OfType<TpmSettings>().ToList();
        return credentials.Count > 0 ? credentials : throw new SettingsException(["No account of the settings has its key in a TPM (credentials[].tpm, -tpm)."]);
    }

    private static int Fail(InvocationConfiguration console, IReadOnlyList<string> errors, int exitCode)
    {
        foreach (var error in errors)
        {
            console.Error.WriteLine($"mds-server: {error}");
        }

        return exitCode;
    }
}
