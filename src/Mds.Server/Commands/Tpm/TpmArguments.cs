using System.Collections;
using System.CommandLine;
using Mds.Credentials;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Tpm;

namespace Mds.Server.Commands;

/// <summary>
/// The server's own switches, variables and settings file, read for the keys in TPMs that the server would use, were it
/// started with them.
/// </summary>
internal static class TpmArguments
{
    private const int WrongSettings = 2;
    private const int Unusable = 1;

    /// <summary>Makes a subcommand that does something with each of those keys.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does.</param>
    /// <param name="act">What to do with a key.</param>
    public static Command Command(
        string name, string description, Func<TpmSettings, TpmKey, InvocationConfiguration, CancellationToken, Task> act)
    {
        var command = new Command(
            name,
            $"{description} It takes the server's own switches and variables: -tpm-path, -persistentHandle, -keyfile, -keyPassFile, … or -settings.")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.SetAction(async (result, cancellation) =>
        {
            var console = result.InvocationConfiguration;
            try
            {
                foreach (var settings in Read(result.UnmatchedTokens))
                {
                    var files = CredentialFiles.Read(settings.Files);
                    using var key = settings.OpenKey(files, TimeProvider.System);
                    files.Clear();
                    await act(settings, key, console, cancellation);
                }

                return 0;
            }
            catch (SettingsException exception)
            {
                return Fail(console, exception.Errors, WrongSettings);
            }
            catch (Exception exception) when (exception is TpmException or TokenSourceException)
            {
                return Fail(console, [exception.Message], Unusable);
            }
        });
        return command;
    }

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
            switches.TryAdd(TpmSettings.Described.Switch!, "true");
        }

        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        var credentials = SettingsReader.Read(switches, variables).Credentials.OfType<TpmSettings>().ToList();
        return credentials.Count > 0
            ? credentials
            : throw new SettingsException(["No account of the settings has its key in a TPM (-tpm, credentials[].tpm)."]);
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
