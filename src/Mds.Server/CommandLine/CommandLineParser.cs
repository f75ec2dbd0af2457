using System.CommandLine;
using Mds.Server.Commands;

namespace Mds.Server.CommandLine;

/// <summary>
/// Reads the command line. A switch takes one dash or two, and its value after a space or <c>=</c>, as the reference
/// emulator's (Go's flag package) do. Values are not judged here: <see cref="Settings.SettingsReader"/> judges them all,
/// wherever they come from.
/// </summary>
internal static class CommandLineParser
{
    private static readonly string[] HelpNames = ["--help", "-help", "-h", "-?"];
    private static readonly string[] VersionNames = ["--version", "-version"];

    /// <summary>Reads the command line.</summary>
    /// <param name="arguments">The arguments as the process got them.</param>
    public static ParsedCommand Parse(IReadOnlyList<string> arguments)
    {
        if (arguments is [var first, ..] && !first.StartsWith('-'))
        {
            return IsSubcommand(first) ? new SubcommandLine(arguments) : new InvalidCommand([UnknownSentence(first)]);
        }

        var root = new RootCommand();
        // The library's own help, version and directives speak another language than the reference emulator's switches.
        root.Options.Clear();
        root.Directives.Clear();
        var help = new Option<bool>(HelpNames[0], HelpNames[1..]) { Arity = ArgumentArity.Zero };
        var version = new Option<bool>(VersionNames[0], VersionNames[1..]) { Arity = ArgumentArity.Zero };
        root.Options.Add(help);
        root.Options.Add(version);
        // Any number of values, so that a wrong number is answered below in sentences of our own.
        var options = Switches.All.ToDictionary(known => known, known => new Option<string[]>("--" + known.Name, "-" + known.Name)
        {
            Arity = ArgumentArity.ZeroOrMore,
        });
        foreach (var option in options.Values)
        {
            root.Options.Add(option);
        }

        var result = root.Parse(arguments, new ParserConfiguration { EnablePosixBundling = false, ResponseFileTokenReplacer = null });
        if (result.GetResult(help) is { Implicit: false })
        {
            return new HelpCommand();
        }

        if (result.GetResult(version) is { Implicit: false })
        {
            return new VersionCommand();
        }

        var errors = UnknownSentences(result.UnmatchedTokens).ToList();
        var values = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (known, option) in options)
        {
            if (result.GetResult(option) is { Implicit: false } given)
            {
                // Given twice, the last one counts, as it does for the reference emulator: wrappers append.
                var value = given.Tokens.Count > 0 ? given.Tokens[^1].Value : null;
                if ((known.IsFlag || known.IsOptional) && value is not null && value.StartsWith('-'))
                {
                    errors.Add(UnknownSentence(value));
                }
                else if (string.IsNullOrEmpty(value) && !known.IsFlag && !known.IsOptional)
                {
                    errors.Add($"-{known.Name} needs a value: -{known.Name} {known.Value}.");
                }
                else
                {
                    values[known.Name] = value ?? "true";
                }
            }
        }

        return errors.Count > 0 ? new InvalidCommand(errors) : new RunCommand(values);
    }

    private static bool IsSubcommand(string name) => Subcommands.Create().Any(command => command.Name == name);

    private static IEnumerable<string> UnknownSentences(IReadOnlyList<string> tokens)
    {
        for (var i = 0; i < tokens.Count; i++)
        {
            // What follows an unknown switch is its value, and one sentence about it is enough.
            if (i == 0 || tokens[i].StartsWith('-') || !tokens[i - 1].StartsWith('-'))
            {
                yield return UnknownSentence(tokens[i]);
            }
        }
    }

    private static string UnknownSentence(string token)
    {
        if (!token.StartsWith('-'))
        {
            return IsSubcommand(token) ? $"The subcommand {token} must stand before everything else. See mds-server {token} --help."
                : NearestName.Of(token, Subcommands.Create().Select(command => command.Name)) is { } meant
                    ? $"There is no subcommand \"{token}\". Did you mean {meant}? See mds-server --help."
                : token.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
                    ? $"There is no subcommand \"{token}\". To serve it as claims: mds-server -configFile {token}. See mds-server --help."
                : $"There is no subcommand \"{token}\". See mds-server --help.";
        }

        var written = token.Split('=', 2)[0];
        var names = Switches.All.Select(known => known.Name).Concat(["version", "help"]);
        return NearestName.Of(written.TrimStart('-'), names) is { } nearest
            ? $"There is no switch {written}. Did you mean -{nearest}? See mds-server --help."
            : $"There is no switch {written}. See mds-server --help.";
    }
}
