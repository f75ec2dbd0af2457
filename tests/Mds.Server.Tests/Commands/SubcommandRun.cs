using System.Text;
using Mds.Server.Commands;

namespace Mds.Server.Tests.Commands;

/// <summary>What a subcommand printed, and how it ended.</summary>
internal sealed record SubcommandRun(int ExitCode, string Output, string Errors)
{
    public static Task<SubcommandRun> OfAsync(params string[] arguments) => OfAsync("", arguments);

    public static async Task<SubcommandRun> OfAsync(string input, string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        using var standardInput = new MemoryStream(Encoding.UTF8.GetBytes(input));
        var exitCode = await Subcommands.RunAsync(arguments, standardInput, output, errors);
        return new SubcommandRun(exitCode, output.ToString(), errors.ToString());
    }
}
