using System.Collections;
using System.Runtime.InteropServices;
using Mds.Server;
using Mds.Server.CommandLine;
using Mds.Server.Commands;
using Mds.Server.Listeners;
using Mds.Server.Reload;
using Mds.Server.Samples;
using Mds.Server.Settings;
using Mds.Server.Telemetry;

// Exit codes: 0 stopped as asked; 1 could not start; 2 the settings are wrong. Those of subcommands are alike.
const int CouldNotStart = 1;
const int WrongSettings = 2;

switch (CommandLineParser.Parse(args))
{
    case SubcommandLine subcommand:
        return await Subcommands.RunAsync(subcommand.Arguments, Console.OpenStandardInput(), Console.Out, Console.Error);
    case HelpCommand:
        Console.Out.Write(HelpText.Render());
        return 0;
    case VersionCommand:
        Console.Out.WriteLine($"mds-server {ServerVersion.Text}");
        return 0;
    case InvalidCommand invalid:
        return Fail(invalid.Errors, WrongSettings);
    case RunCommand run:
        return await RunAsync(run);
    default:
        throw new InvalidOperationException("The command line was read as something that nobody handles.");
}

static async Task<int> RunAsync(RunCommand run)
{
    ServerSettings settings;
    try
    {
        var variables = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(entry => (string)entry.Key, entry => (string?)entry.Value ?? "", StringComparer.Ordinal);
        settings = SettingsReader.Read(run.Switches, variables);
    }
    catch (SettingsException exception)
    {
        return Fail(exception.Errors, WrongSettings);
    }

    // Before anything else that takes time: a signal to stop may come while the server starts.
    var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
    using var loggerFactory = Logging.Create(settings, isTerminal: !Console.IsErrorRedirected);
    try
    {
        await using var server = await RunningServer.StartAsync(
            settings, TimeProvider.System, loggerFactory, CancellationToken.None);
        // On a machine of one's own. In a container, the address that others reach is not known here.
        if (server.Metadata.IsOfThisMachine)
        {
            // Who takes the access log from standard output wants nothing else there.
            var output = settings.AccessLog == AccessLogOutput.Stdout ? Console.Error : Console.Out;
            output.Write(Welcome.Render(
                [.. server.MetadataListeners], server.Admin, server.Issuer, settings.ConfigFile is null, settings.Credentials.Count > 0));
            output.Flush();
        }

        await stop.Task;
        await server.StopAsync();
        return 0;
    }
    catch (ListenException exception)
    {
        return Fail([exception.Message], CouldNotStart);
    }
    catch (StartException exception)
    {
        return Fail(exception.Errors, CouldNotStart);
    }

    void OnSignal(PosixSignalContext signal)
    {
        // A second signal ends the process at once, as people at a terminal expect.
        signal.Cancel = stop.TrySetResult();
    }
}

static int Fail(IReadOnlyList<string> errors, int exitCode)
{
    foreach (var error in errors)
    {
        Console.Error.WriteLine($"mds-server: {error}");
    }

    return exitCode;
}
