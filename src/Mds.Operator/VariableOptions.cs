using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace Mds.Operator;

/// <summary>Makes options that variables can stand in for, as <c>MDS_OPERATOR_WEBHOOK_PORT</c> for <c>--webhook-port</c>.</summary>
/// <param name="environment">Reads a variable.</param>
internal sealed class VariableOptions(Func<string, string?> environment)
{
    private const string Prefix = "MDS_OPERATOR_";

    /// <summary>The variable of an option.</summary>
    /// <param name="option">The option, with its dashes.</param>
    public static string NameOf(string option) => Prefix + option[2..].Replace('-', '_').ToUpperInvariant();

    /// <summary>The value of an option's variable; <see langword="null"/> when it is not set, or empty.</summary>
    /// <param name="option">The option, with its dashes.</param>
    public string? Find(string option) => environment(NameOf(option)) is { Length: > 0 } value ? value : null;

    /// <summary>An option that takes any text.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    /// <param name="otherwise">What it is when neither it nor its variable is given.</param>
    public Option<string> Text(string name, string description, string otherwise) => new(name)
    {
        Description = description,
        HelpName = "text",
        DefaultValueFactory = _ => Find(name) ?? otherwise,
    };

    /// <summary>An option that may be given several times; its variable has commas between the values.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    public Option<string[]> Names(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "name",
        DefaultValueFactory = _ =>
            Find(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
    };

    /// <summary>An option that says yes by being there.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    public Option<bool> Flag(string name, string description) => new(name)
    {
        Description = description,
        DefaultValueFactory = result =>
        {
            var text = Find(name);
            var isYes = false;
            if (text is not null && !bool.TryParse(text, out isYes))
            {
                result.AddError($"{NameOf(name)} must be true or false, and is '{text}'.");
            }

            return isYes;
        },
    };

    /// <summary>An option that takes a port.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    /// <param name="otherwise">What it is when neither it nor its variable is given.</param>
    public Option<int> Port(string name, string description, int otherwise) => Number(name, description, otherwise, 65535, "port");

    /// <summary>An option that takes a whole number.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    /// <param name="otherwise">What it is when neither it nor its variable is given.</param>
    /// <param name="maximum">The greatest; the smallest is 0.</param>
    /// <param name="helpName">What help calls its value.</param>
    public Option<int> Number(string name, string description, int otherwise, int maximum, string helpName) => Parsed<int>(
        name,
        description,
        helpName,
        otherwise,
        text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value <= maximum ? value : null,
        $"a whole number from 0 to {maximum}");

    /// <summary>An option that takes one of the names of an enumeration, in any case.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it says.</param>
    /// <param name="otherwise">What it is when neither it nor its variable is given.</param>
    /// <param name="helpName">What help calls its value.</param>
    public Option<T> Choice<T>(string name, string description, T otherwise, string helpName)
        where T : struct, Enum
    {
        var names = string.Join(", ", Enum.GetNames<T>());
        // Enum.TryParse takes numbers as well; nobody means them.
        return Parsed<T>(
            name,
            $"{description} One of {names}.",
            helpName,
            otherwise,
            text => Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && char.IsLetter(text[0]) ? value : null,
            $"one of {names}");
    }

    private Option<T> Parsed<T>(
        string name, string description, string helpName, T otherwise, Func<string, T?> parse, string demand)
        where T : struct
    {
        return new Option<T>(name)
        {
            Description = description,
            HelpName = helpName,
            CustomParser = result => Parse(result.Tokens[0].Value, name, result),
            DefaultValueFactory = result => Find(name) is { } text ? Parse(text, NameOf(name), result) : otherwise,
        };

        T Parse(string text, string source, SymbolResult result)
        {
            if (parse(text) is { } value)
            {
                return value;
            }

            result.AddError($"{source} must be {demand}, and is '{text}'.");
            return otherwise;
        }
    }
}
