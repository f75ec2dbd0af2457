using System.CommandLine;
using System.CommandLine.Help;

namespace Mds.Server.Commands;

/// <summary>
/// What <c>mds-server</c> does besides serving: each subcommand is a file that makes a <see cref="Command"/>, and a line
/// here.
/// </summary>
internal static class Subcommands
{
    private const int WrongCommandLine = 2;

    /// <summary>The subcommands, made anew, in the order of <c>--help</c>.</summary>
    public static IReadOnlyList<Command> Create() =>
    [
        CheckCommand.Create(),
        ShowCommand.Create(),
        SampleCommand.Create(),
        LinkLocalCommand.Create(),
        TpmCommand.Create(),
    ];

    /// <summary>Runs one.</summary>
    /// <param name="arguments">Its name and its arguments.</param>
    /// <param name="input">What <c>-</c> reads.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="error">Where errors go, a sentence a line.</param>
    /// <returns>The exit code; 2 for arguments that make no sense.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, Stream input, TextWriter output, TextWriter error)
    {
        // A plain command: the library's root would speak for itself of versions and directives.
        var root = new Command("mds-server") { new HelpOption { Recursive = true } };
        foreach (var subcommand in Create())
        {
            root.Subcommands.Add(subcommand);
        }

        var result = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.Errors.Count == 0)
        {
            return await result.InvokeAsync(new Invocation(input) { Output = output, Error = error });
        }

        foreach (var sentence in result.Errors.Select(problem => problem.Message).Distinct())
        {
            await error.WriteLineAsync($"mds-server: {sentence}");
        }

        await error.WriteLineAsync($"mds-server: see mds-server {Path(result.CommandResult.Command)} --help.");
        return WrongCommandLine;
    }

    /// <summary>How a command is called: its name behind those of the commands it belongs to.</summary>
    private static string Path(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { Name: not "mds-server" } parent
            ? $"{Path(parent)} {command.Name}"
            : command.Name;
}
