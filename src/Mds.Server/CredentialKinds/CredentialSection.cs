using System.Globalization;
using Mds.Server.Settings;
using Microsoft.Extensions.Configuration;

namespace Mds.Server.CredentialKinds;

/// <summary>
/// What was given about one credential, by the settings file's section or by switches, read in one way: a kind need not
/// know which. Every value that cannot be used becomes a sentence that names its place.
/// </summary>
internal sealed class CredentialSection
{
    private readonly SettingsLayers _layers;
    private readonly SettingParser _parser;
    private readonly List<string> _errors;
    private readonly Func<string, string?> _keyOf;

    private CredentialSection(
        SettingsLayers layers, SettingParser parser, List<string> errors, string account, string origin, bool isOfSwitches, Func<string, string?> keyOf)
    {
        IsOfSwitches = isOfSwitches;
        _layers = layers;
        _parser = parser;
        _errors = errors;
        _keyOf = keyOf;
        Account = account;
        Origin = origin;
    }

    /// <summary>The account.</summary>
    public string Account { get; }

    /// <summary>What gave it, to begin a sentence with: <c>$.credentials[0].local in settings.json</c>, <c>-local</c>.</summary>
    public string Origin { get; }

    /// <summary>Whether switches gave it, and not a list of credentials.</summary>
    public bool IsOfSwitches { get; }

    /// <summary>The variables of the process, where some kinds look as Google's libraries do.</summary>
    public IReadOnlyDictionary<string, string> Variables => _layers.Variables;

    /// <summary>The section of a kind in the list of credentials.</summary>
    /// <param name="layers">Where values are found.</param>
    /// <param name="parser">Reads single values.</param>
    /// <param name="errors">Takes a sentence for each thing that is wrong.</param>
    /// <param name="account">The account.</param>
    /// <param name="key">The configuration key of the section.</param>
    public static CredentialSection OfList(
        SettingsLayers layers, SettingParser parser, List<string> errors, string account, string key) =>
        new(layers, parser, errors, account, layers.OriginOf(key), false, name => ConfigurationPath.Combine(key, name));

    /// <summary>What the switches say of a kind for the account <c>default</c>.</summary>
    /// <param name="layers">Where values are found.</param>
    /// <param name="parser">Reads single values.</param>
    /// <param name="errors">Takes a sentence for each thing that is wrong.</param>
    /// <param name="kind">The kind.</param>
    public static CredentialSection OfSwitches(
        SettingsLayers layers, SettingParser parser, List<string> errors, CredentialKind kind) =>
        new(
            layers, parser, errors, CredentialSettings.DefaultAccount, layers.OriginOf(kind.Switch!), true,
            name => kind.Keys.First(known => known.Name == name).Switch);

    /// <summary>The value of a key; <see langword="null"/> where none is given, or an empty one.</summary>
    /// <param name="name">The key.</param>
    public SettingValue? Find(string name) => _keyOf(name) is { } key ? _layers.Find(key) : null;

    /// <summary>The text of a key; <see langword="null"/> where none is given, or an empty one.</summary>
    /// <param name="name">The key.</param>
    public string? Text(string name) => Find(name)?.Text;

    /// <summary>The text of a key that must be there.</summary>
    /// <param name="name">The key.</param>
    /// <param name="advice">What to give, as a sentence.</param>
    public string? Required(string name, string advice)
    {
        var text = Text(name);
        if (text is null)
        {
            Error($"{Origin} lacks {name}. {advice}");
        }

        return text;
    }

    /// <summary>Yes or no.</summary>
    /// <param name="name">The key.</param>
    /// <param name="otherwise">The value when none is given.</param>
    public bool Flag(string name, bool otherwise) => _keyOf(name) is { } key ? _parser.Flag(key, otherwise) : otherwise;

    /// <summary>The values of a list, or of one value with commas.</summary>
    /// <param name="name">The key.</param>
    public IReadOnlyList<SettingValue> List(string name)
    {
        if (_keyOf(name) is not { } key)
        {
            return [];
        }

        return _layers.Find(key) is { } single
            ? [.. single.Text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(text => single with { Text = text })]
            : [.. _layers.Children(key).Select(child => _layers.Find(child.Path)).OfType<SettingValue>()];
    }

    /// <summary>An http or https address.</summary>
    /// <param name="name">The key.</param>
    /// <param name="what">What it is: <c>an issuer</c>.</param>
    /// <param name="example">One that would do.</param>
    public string? Address(string name, string what, string example)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        if (!(Uri.TryCreate(value.Text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            Error($"{value.Origin}: \"{value.Text}\" is not {what}. Give an http or https address, as in {example}.");
        }

        return value.Text;
    }

    /// <summary>A host, with a port if it is not 80, and without http:// before it.</summary>
    /// <param name="name">The key.</param>
    public string? HostAndPort(string name) => _keyOf(name) is { } key ? _parser.HostAndPort(key) : null;

    /// <summary>A service account's e-mail address.</summary>
    /// <param name="value">What was given.</param>
    public string Email(SettingValue value)
    {
        if (!value.Text.Contains('@', StringComparison.Ordinal) || !CredentialSettings.IsAccount(value.Text))
        {
            Error($"{value.Origin}: \"{value.Text}\" is not the e-mail address of a service account.");
        }

        return value.Text;
    }

    /// <summary>A number of seconds, one at least.</summary>
    /// <param name="name">The key.</param>
    /// <param name="otherwise">The value when none is given.</param>
    /// <param name="most">The most that makes sense.</param>
    public TimeSpan Seconds(string name, TimeSpan otherwise, TimeSpan most)
    {
        if (Find(name) is not { } given)
        {
            return otherwise;
        }

        if (int.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            && seconds >= 1 && seconds <= most.TotalSeconds)
        {
            return TimeSpan.FromSeconds(seconds);
        }

        Error($"{given.Origin}: \"{given.Text}\" is not a number of seconds from 1 to {most.TotalSeconds}.");
        return otherwise;
    }

    /// <summary>Says that something is wrong.</summary>
    /// <param name="sentence">What, where, and what to do.</param>
    public void Error(string sentence) => _errors.Add(sentence);
}
