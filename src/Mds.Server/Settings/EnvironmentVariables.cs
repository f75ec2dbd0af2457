using Microsoft.Extensions.Configuration;

namespace Mds.Server.Settings;

/// <summary>
/// The <c>MDS_</c> variables as .NET configuration: <c>MDS_credentials__0__account</c> is
/// <c>credentials:0:account</c>. It differs from the stock provider in two ways: it is given the variables, so that tests
/// need not change those of the process, and it passes over the variables that Kubernetes makes for a Service called
/// <c>mds</c> or <c>mds-…</c> (<c>MDS_PORT=tcp://…</c>), which would otherwise be taken for settings.
/// </summary>
internal sealed class EnvironmentVariables : ConfigurationProvider, IConfigurationSource
{
    private const string Prefix = "MDS_";
    private readonly Dictionary<string, string> _names = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes the settings among these variables.</summary>
    /// <param name="variables">The variables of the process.</param>
    public EnvironmentVariables(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (name, value) in variables)
        {
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                && !value.StartsWith("tcp://", StringComparison.Ordinal))
            {
                var key = name[Prefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal);
                Data[key] = value;
                _names[key] = name;
            }
        }
    }

    /// <summary>The variable that a key comes from, to be named in errors.</summary>
    /// <param name="key">The configuration key.</param>
    public string NameOf(string key) =>
        _names.TryGetValue(key, out var name)
            ? name
            : Prefix + key.Replace(ConfigurationPath.KeyDelimiter, "__", StringComparison.Ordinal);

    /// <inheritdoc/>
    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;
}
