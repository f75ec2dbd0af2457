using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Mds.Server.Settings;

/// <summary>
/// The settings file, the variables and the switches, laid over each other by .NET configuration, the later ones on top,
/// with the origin of each value kept.
/// </summary>
internal sealed class SettingsLayers : IDisposable
{
    private readonly ConfigurationRoot _root;
    private readonly EnvironmentVariables _variables;
    private readonly MemoryConfigurationProvider _switches;
    private readonly string? _settingsFile;

    /// <summary>Lays the three over each other.</summary>
    /// <param name="switches">The switches given, by name.</param>
    /// <param name="variables">The variables of the process.</param>
    /// <param name="errors">Takes a sentence for each thing that is wrong with the settings file.</param>
    public SettingsLayers(
        IReadOnlyDictionary<string, string?> switches, IReadOnlyDictionary<string, string> variables, List<string> errors)
    {
        Variables = variables;
        _switches = new MemoryConfigurationProvider(new MemoryConfigurationSource { InitialData = switches });
        _variables = new EnvironmentVariables(variables);
        _settingsFile = _switches.TryGet("settings", out var path) || _variables.TryGet("settings", out path) ? path : null;
        var providers = new List<IConfigurationProvider> { _variables, _switches };
        if (!string.IsNullOrEmpty(_settingsFile))
        {
            providers.Insert(0, SettingsFile.Load(_settingsFile, errors));
        }

        _root = new ConfigurationRoot(providers);
    }

    /// <summary>The variables of the process, all of them.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; }

    /// <summary>The value on top at a key; <see langword="null"/> where no layer gives one, or gives an empty one.</summary>
    /// <param name="key">The configuration key.</param>
    public SettingValue? Find(string key)
    {
        foreach (var provider in _root.Providers.Reverse())
        {
            if (provider.TryGet(key, out var text))
            {
                return string.IsNullOrEmpty(text) ? null : new SettingValue(text, OriginOf(provider, key));
            }
        }

        return null;
    }

    /// <summary>The children of a key.</summary>
    /// <param name="key">The configuration key.</param>
    public IEnumerable<IConfigurationSection> Children(string key) => _root.GetSection(key).GetChildren();

    /// <summary>Whether anything is said at or below a key, an empty object included.</summary>
    /// <param name="key">The configuration key.</param>
    public bool Has(string key) =>
        _root.Providers.Any(provider => provider.TryGet(key, out _)) || Children(key).Any();

    /// <summary>What would be named in an error about this key: the top layer that says anything at or below it.</summary>
    /// <param name="key">The configuration key.</param>
    public string OriginOf(string key)
    {
        var origin = _root.Providers.Reverse().FirstOrDefault(
            provider => provider.TryGet(key, out _) || provider.GetChildKeys([], key).Any());
        return origin is null ? SettingsFile.JsonPath(key) : OriginOf(origin, key);
    }

    /// <inheritdoc/>
    public void Dispose() => _root.Dispose();

    private string OriginOf(IConfigurationProvider provider, string key) =>
        provider == _switches ? "-" + key
        : provider == _variables ? _variables.NameOf(key)
        : $"{SettingsFile.JsonPath(key)} in {_settingsFile}";
}
