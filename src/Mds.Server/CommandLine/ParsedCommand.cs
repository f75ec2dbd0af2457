namespace Mds.Server.CommandLine;

/// <summary>What the command line asks for.</summary>
internal abstract record ParsedCommand;

/// <summary>Start the server.</summary>
/// <param name="Switches">The switches that were given, by name, with their values.</param>
internal sealed record RunCommand(IReadOnlyDictionary<string, string?> Switches) : ParsedCommand;

/// <summary>Do something other than serve.</summary>
/// <param name="Arguments">The name of a subcommand and its arguments.</param>
internal sealed record SubcommandLine(IReadOnlyList<string> Arguments) : ParsedCommand;

/// <summary>Print the help.</summary>
internal sealed record HelpCommand : ParsedCommand;

/// <summary>Print the version.</summary>
internal sealed record VersionCommand : ParsedCommand;

/// <summary>The command line cannot be understood.</summary>
/// <param name="Errors">A sentence for each thing wrong with it.</param>
internal sealed record InvalidCommand(IReadOnlyList<string> Errors) : ParsedCommand;
