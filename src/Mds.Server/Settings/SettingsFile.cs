using System.Text.Json;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.Configuration.Memory;

namespace Mds.Server.Settings;

/// <summary>The settings file: JSON, comments allowed, and every key known.</summary>
internal static class SettingsFile
{
    /// <summary>The keys that are settings but no switches.</summary>
    public static IReadOnlyList<string> KeysOnly { get; } = ["credentials", "endpoints", "tls"];

    private static readonly string[] TlsKeys = ["interface", "port", "certificate", "key", "clientAuthorities"];
    private static readonly string[] Endpoints = ["oauth2", "sts", "iamCredentials"];

    /// <summary>Reads the file.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="errors">Takes a sentence for each thing that is wrong with the file.</param>
    /// <returns>Its values as a configuration source; an empty one when the file cannot be read.</returns>
    public static IConfigurationProvider Load(string path, List<string> errors)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        try
        {
            using var stream = File.OpenRead(path);
            using var json = new ConfigurationRoot([new JsonStreamConfigurationProvider(new() { Stream = stream })]);
            foreach (var key in Keys(json.Providers.Single(), null))
            {
                json.Providers.Single().TryGet(key, out var value);
                values[key] = value;
            }

            errors.AddRange(values.Keys.Where(key => !IsKnown(key)).Select(key => UnknownSentence(path, key)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            errors.Add($"The settings file {path} (-settings) cannot be read: {exception.Message}");
        }
        catch (Exception exception) when (exception is FormatException or JsonException)
        {
            errors.Add((exception as JsonException ?? exception.InnerException as JsonException) is { LineNumber: { } line, BytePositionInLine: { } position }
                ? $"The settings file {path} (-settings) is not JSON at line {line + 1}, column {position + 1}. Correct it there."
                : $"The settings file {path} (-settings) is not a JSON object with each key once: {exception.Message}");
        }

        return new MemoryConfigurationProvider(new() { InitialData = values });
    }

    /// <summary>Writes a configuration key as a JSON path: <c>$.credentials[0].account</c>.</summary>
    /// <param name="key">The configuration key.</param>
    public static string JsonPath(string key) =>
        "$" + string.Concat(key.Split(ConfigurationPath.KeyDelimiter)
            .Select(part => part.All(char.IsAsciiDigit) && part.Length > 0 ? $"[{part}]" : $".{part}"));

    private static bool IsKnown(string key) => key.Split(ConfigurationPath.KeyDelimiter) switch
    {
        ["settings"] => false,
        [var name] => KeysOnly.Contains(name) || Switches.Find(name) is not null,
        ["credentials", var index, .. var rest] => int.TryParse(index, out _) && IsKnownCredentialKey(rest),
        ["allowedHosts", var index] => int.TryParse(index, out _),
        ["tls", var name] => TlsKeys.Contains(name),
        ["endpoints", var service] => Endpoints.Contains(service),
        _ => false,
    };

    private static bool IsKnownCredentialKey(string[] key) => key switch
    {
        [] or ["account"] => true,
        [var kind] => KnownCredentialKinds.Find(kind) is not null,
        [var kind, var name, .. var rest] => KnownCredentialKinds.Find(kind)?.Keys.FirstOrDefault(known => known.Name == name) is { } known
            && (rest is [] || (known.IsList && rest is [var index] && int.TryParse(index, out _))),
    };

    private static IEnumerable<string> Keys(IConfigurationProvider provider, string? parent)
    {
        foreach (var name in provider.GetChildKeys([], parent).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            var key = parent is null ? name : ConfigurationPath.Combine(parent, name);
            if (provider.TryGet(key, out _))
            {
                yield return key;
            }

            foreach (var leaf in Keys(provider, key))
            {
                yield return leaf;
            }
        }
    }

    private static string UnknownSentence(string path, string key)
    {
        var parts = key.Split(ConfigurationPath.KeyDelimiter);
        var candidates = parts.Length == 1 ? Switches.All.Select(known => known.Name).Concat(KeysOnly)
            : parts[0] == "endpoints" ? Endpoints
            : parts[0] == "tls" ? TlsKeys
            : KnownCredentialKinds.All.SelectMany(kind => kind.Keys.Select(known => known.Name).Prepend(kind.Name)).Append("account").Distinct();
        var nearest = NearestName.Of(parts[^1], candidates);
        var hint = nearest is null || nearest == parts[^1] ? "Remove it." : $"Did you mean \"{nearest}\"?";
        return $"The settings file {path} (-settings) has an unknown key at {JsonPath(key)}. {hint}";
    }
}
