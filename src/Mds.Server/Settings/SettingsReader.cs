using System.Net;
using Mds.Credentials;
using Mds.Server.Admin;
using Mds.Server.Admin.Api;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Settings;

/// <summary>
/// Makes <see cref="ServerSettings"/> of switches, variables and settings file: a function of what it is given, but for
/// the settings file that it reads. Every error is reported, not only the first.
/// </summary>
internal sealed class SettingsReader : IDisposable
{
    private readonly List<string> _errors = [];
    private readonly List<string> _notes = [];
    private readonly SettingsLayers _layers;
    private readonly SettingParser _parser;
    private readonly GoogleVariables _google;
    private readonly IReadOnlyDictionary<string, string> _variables;

    private SettingsReader(IReadOnlyDictionary<string, string?> switches, IReadOnlyDictionary<string, string> variables)
    {
        _layers = new SettingsLayers(switches, variables, _errors);
        _parser = new SettingParser(_layers, _errors);
        _variables = variables;
        _google = new GoogleVariables(variables, _errors);
    }

    /// <summary>Reads and checks the settings.</summary>
    /// <param name="switches">The switches given, by name.</param>
    /// <param name="variables">The variables of the process.</param>
    /// <exception cref="SettingsException">Something is wrong with them.</exception>
    public static ServerSettings Read(
        IReadOnlyDictionary<string, string?> switches, IReadOnlyDictionary<string, string> variables)
    {
        using var reader = new SettingsReader(switches, variables);
        var settings = reader.Read();
        return reader._errors.Count == 0 ? settings : throw new SettingsException(reader._errors);
    }

    /// <inheritdoc/>
    public void Dispose() => _layers.Dispose();

    private ServerSettings Read()
    {
        var cloudRun = new CloudRunSwitches(_layers, _errors);
        var metadata = new MetadataListenersReader(_layers, _parser, _errors).Read();
        var admin = Admin(metadata);
        var credentials = cloudRun.Over(new CredentialsReader(_layers, _parser, _google, _errors, _notes).Read());
        return new ServerSettings
        {
            ConfigFile = cloudRun.ConfigFile(),
            Flavor = _parser.Choice("flavor", cloudRun.DefaultFlavor),
            Metadata = metadata,
            AllowedHosts = _parser.Hosts("allowedHosts"),
            Admin = admin,
            Issuer = Issuer(metadata, admin?.Listener),
            Credentials = credentials,
            Endpoints = new GoogleEndpoints(
                _parser.Address("endpoints:oauth2"), _parser.Address("endpoints:sts"), _parser.Address("endpoints:iamCredentials")),
            ClaimsUpstream = _parser.HostAndPort("claimsUpstream"),
            GcloudProject = GcloudProject(credentials),
            Variables = _layers.Variables,
            Overrides = cloudRun.Over(_google.Overrides()),
            StartDegraded = _parser.Flag("startDegraded", false),
            Prefetch = ReadPrefetch(),
            ShutdownDelay = _parser.Seconds("shutdownDelaySeconds"),
            LogFormat = _parser.Choice("logFormat", LogFormat.Auto),
            AccessLog = _parser.Choice("accessLog", AccessLogOutput.Off),
            OpenTelemetry = OpenTelemetrySettings.Read(_variables, _errors, _notes),
            LogLevel = _parser.Choice("logLevel", LogLevel.Information),
            Notes = _notes,
        };
    }

    private Prefetch ReadPrefetch()
    {
        if (_layers.Find("prefetch") is { } given)
        {
            if (given.Text.Equals("ready", StringComparison.OrdinalIgnoreCase))
            {
                return Prefetch.BeforeReady;
            }

            if (!bool.TryParse(given.Text, out _))
            {
                _errors.Add($"{given.Origin}: \"{given.Text}\" is none of true, false and ready.");
                return Prefetch.Background;
            }
        }

        return _parser.Flag("prefetch", true) ? Prefetch.Background : Prefetch.Off;
    }

    // Of the configuration that makes the tokens, if one does.
    private GcloudSettings? GcloudProject(IReadOnlyList<CredentialSettings> credentials)
    {
        const string Key = "gcloudProjectAttributes";
        if (!_parser.Flag(Key, false) || _layers.Find(Key) is not { } given)
        {
            return null;
        }

        if (_layers.Find("claimsUpstream") is { } other)
        {
            _errors.Add($"{given.Origin} and {other.Origin} both say what the claims document is laid over. Give one of them.");
        }

        if (credentials.OfType<GcloudSettings>().FirstOrDefault() is { } credential)
        {
            return credential;
        }

        if (ApplicationDefaultFile.GcloudFolder(_variables) is not { } folder)
        {
            _errors.Add($"{given.Origin}: the configurations of gcloud are not found, because HOME is not set. Set CLOUDSDK_CONFIG.");
            return null;
        }

        return new GcloudSettings(CredentialSettings.DefaultAccount, null, folder);
    }

    private AdminSettings? Admin(MetadataListeners metadata)
    {
        var enabled = _parser.Flag("metricsEnabled", _layers.Find("metricsPort") is not null);
        var listener = _parser.Listener(ListenerSettings.DefaultAdmin);
        var path = AdminSettings.DefaultMetricsPath;
        if (_layers.Find("metricsPath") is { } given)
        {
            path = given.Text;
            if (!path.StartsWith('/') || path.Length == 1)
            {
                _errors.Add($"{given.Origin}: \"{path}\" is not a path. Give one that starts with /, as in /metrics.");
            }
            else if (AdminEndpoint.OwnPaths.Contains(path) || AdminApi.Covers(path))
            {
                _errors.Add($"{given.Origin}: {path} answers something else on the admin listener. Give another path, as in /metrics.");
            }
        }

        if (!enabled)
        {
            return null;
        }

        if (listener.PortClash("The admin listener", metadata.Ports) is { } clash)
        {
            _errors.Add(clash);
        }

        // Whoever reaches the API can change what others are served; on loopback that is this machine's own programs.
        var api = _parser.Flag("adminApi", listener.Interface is { } address && IPAddress.IsLoopback(address));
        return new AdminSettings(listener, path, api);
    }

    private ListenerSettings? Issuer(MetadataListeners metadata, ListenerSettings? admin)
    {
        var listener = _parser.Listener(ListenerSettings.DefaultIssuer) with { Tls = IssuerTls() };
        if (_layers.Find(ListenerSettings.DefaultIssuer.PortSwitch[1..]) is null)
        {
            return null;
        }

        if (listener.PortClash("The local issuer's listener", metadata.Ports.Append(admin).OfType<ListenerSettings>()) is { } clash)
        {
            _errors.Add(clash);
        }

        return listener;
    }

    private TlsSettings? IssuerTls()
    {
        var (certificate, key) = (_layers.Find("issuerServerCert"), _layers.Find("issuerServerKey"));
        if ((certificate ?? key) is { } one && (certificate is null || key is null))
        {
            _errors.Add($"{one.Origin} needs its other half: give -issuerServerCert and -issuerServerKey, or neither.");
        }

        return certificate is { } file && key is { } keyFile ? new TlsSettings(file.Text, keyFile.Text) : null;
    }
}
