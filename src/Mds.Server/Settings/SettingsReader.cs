using System.Globalization;
using System.Net;
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
    private readonly IReadOnlyDictionary<string, string> _variables;

    private SettingsReader(IReadOnlyDictionary<string, string?> switches, IReadOnlyDictionary<string, string> variables)
    {
        _variables = variables;
        _layers = new SettingsLayers(switches, variables, _errors);
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
        if (_layers.Find("flavor") is { } flavor && !flavor.Text.Equals("GCE", StringComparison.OrdinalIgnoreCase))
        {
            _errors.Add($"{flavor.Origin}: \"{flavor.Text}\" is not a flavor that this version serves. Use GCE.");
        }

        var metadata = Listener(ListenerSettings.DefaultMetadata);
        return new ServerSettings
        {
            ConfigFile = _layers.Find("configFile")?.Text,
            Metadata = metadata,
            Admin = Admin(metadata),
            Credentials = Credentials(),
            Overrides = Overrides(),
            StartDegraded = Flag("startDegraded", false),
            Prefetch = Flag("prefetch", true),
            ShutdownDelay = Seconds("shutdownDelaySeconds"),
            LogFormat = Choice("logFormat", LogFormat.Auto),
            LogLevel = Choice("logLevel", LogLevel.Information),
            Notes = _notes,
        };
    }

    private ListenerSettings Listener(ListenerSettings defaults)
    {
        var address = defaults.Interface;
        if (_layers.Find(defaults.InterfaceSwitch[1..]) is { } given)
        {
            if (given.Text == "*")
            {
                address = null;
            }
            else if (given.Text == "localhost")
            {
                address = IPAddress.Loopback;
            }
            else if (!IPAddress.TryParse(given.Text, out address))
            {
                _errors.Add($"{given.Origin}: \"{given.Text}\" is not an address to listen on. "
                    + "Give an IPv4 or IPv6 address of this machine, or * for every address.");
            }
        }

        return defaults with { Interface = address, Port = Port(defaults.PortSwitch[1..], defaults.Port) };
    }

    // ":8080" is the reference emulator's form; Go's net.Listen wants the colon.
    private int Port(string key, int otherwise)
    {
        if (_layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        var digits = given.Text.StartsWith(':') ? given.Text[1..] : given.Text;
        if (ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return port;
        }

        _errors.Add($"{given.Origin}: \"{given.Text}\" is not a port. Give a number from 0 to 65535, as in :8080.");
        return otherwise;
    }

    private AdminSettings? Admin(ListenerSettings metadata)
    {
        var enabled = Flag("metricsEnabled", _layers.Find("metricsPort") is not null);
        var listener = Listener(ListenerSettings.DefaultAdmin);
        var path = AdminSettings.DefaultMetricsPath;
        if (_layers.Find("metricsPath") is { } given)
        {
            path = given.Text;
            if (!path.StartsWith('/') || path.Length == 1)
            {
                _errors.Add($"{given.Origin}: \"{path}\" is not a path. Give one that starts with /, as in /metrics.");
            }
        }

        if (!enabled)
        {
            return null;
        }

        if (listener.Port != 0 && listener.Port == metadata.Port)
        {
            _errors.Add($"-port and -metricsPort are both {listener.Port}. Metadata and the admin listener need a port each.");
        }

        return new AdminSettings(listener, path);
    }

    private List<CredentialSettings> Credentials()
    {
        var credentials = new List<CredentialSettings>();
        if (_layers.Find("credentials") is { } scalar)
        {
            _errors.Add($"{scalar.Origin} is a single value. Make it a list of objects with account and one kind of credential.");
        }

        foreach (var section in _layers.Children("credentials"))
        {
            if (Credential(section.Path) is { } credential)
            {
                if (credentials.Exists(other => other.Account == credential.Account))
                {
                    _errors.Add($"{_layers.OriginOf(section.Path)}: the account \"{credential.Account}\" has a credential already. "
                        + "Remove one of the two.");
                }

                credentials.Add(credential);
            }
        }

        if (DefaultCredential(credentials) is { } forDefault)
        {
            credentials.RemoveAll(other => other.Account == CredentialSettings.DefaultAccount);
            credentials.Insert(0, forDefault);
        }

        return credentials;
    }

    private CredentialSettings? Credential(string key)
    {
        var origin = _layers.OriginOf(key);
        var account = _layers.Find(key + ":account");
        if (account is null)
        {
            _errors.Add($"{origin} lacks account. Give \"default\" or the account's e-mail address.");
        }

        var kinds = SettingsFile.CredentialKinds.Where(kind => _layers.Has($"{key}:{kind}")).ToList();
        if (kinds.Count != 1)
        {
            _errors.Add(kinds.Count == 0
                ? $"{origin} lacks a credential. Give exactly one of serviceAccountKey, local and static."
                : $"{origin} has {string.Join(" and ", kinds)}. Give exactly one of them.");
            return null;
        }

        var kindKey = $"{key}:{kinds[0]}";
        if (_layers.Find(kindKey) is { } scalar)
        {
            _errors.Add($"{scalar.Origin} is a single value. Make it an object.");
            return null;
        }

        var name = account?.Text ?? CredentialSettings.DefaultAccount;
        switch (kinds[0])
        {
            case "serviceAccountKey" when _layers.Find(kindKey + ":file") is { } file:
                return new ServiceAccountKeySettings(name, file.Text);
            case "serviceAccountKey":
                _errors.Add($"{_layers.OriginOf(kindKey)} lacks file. Give the path of the JSON key file.");
                return null;
            case "local":
                return new LocalSettings(name, Issuer(_layers.Find(kindKey + ":issuer")), _layers.Find(kindKey + ":keyFile")?.Text);
            default:
                var accessToken = _layers.Find(kindKey + ":accessToken")?.Text;
                var identityToken = _layers.Find(kindKey + ":identityToken")?.Text;
                if (accessToken is null && identityToken is null)
                {
                    _errors.Add($"{_layers.OriginOf(kindKey)} is empty. Give accessToken, identityToken or both.");
                }

                return new StaticSettings(name, accessToken, identityToken);
        }
    }

    // What the switches and the GOOGLE_ variables say about the account "default".
    private CredentialSettings? DefaultCredential(List<CredentialSettings> listed)
    {
        var keyFile = _layers.Find("serviceAccountFile");
        var local = Flag("local", false);
        var issuer = _layers.Find("localIssuer");
        var localKeyFile = _layers.Find("localKeyFile");
        foreach (var value in new[] { issuer, localKeyFile })
        {
            if (value is { } given && !local)
            {
                _errors.Add($"{given.Origin} is about the local issuer, which is off. Add -local, or leave it out.");
            }
        }

        if (keyFile is { } file && local)
        {
            _errors.Add($"{file.Origin} and {_layers.OriginOf("local")} both say who makes the tokens of the account \"default\". "
                + "Give one of them.");
        }

        var issuerAddress = local ? Issuer(issuer) : null;
        var fixedTokens = FixedTokens();
        CredentialSettings? explicitly = keyFile is { } key
            ? new ServiceAccountKeySettings(CredentialSettings.DefaultAccount, key.Text)
            : local ? new LocalSettings(CredentialSettings.DefaultAccount, issuerAddress, localKeyFile?.Text) : null;
        if (explicitly is not null && fixedTokens is not null)
        {
            _notes.Add("GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN are not used: "
                + $"{(keyFile?.Origin ?? _layers.OriginOf("local"))} says where tokens come from.");
        }
        else if (fixedTokens is not null && listed.Exists(other => other.Account == CredentialSettings.DefaultAccount))
        {
            _notes.Add("GOOGLE_ACCESS_TOKEN and GOOGLE_ID_TOKEN take the place of the settings file's credential for \"default\".");
        }

        return explicitly ?? fixedTokens;
    }

    private StaticSettings? FixedTokens()
    {
        var accessToken = Variable("GOOGLE_ACCESS_TOKEN");
        var identityToken = Variable("GOOGLE_ID_TOKEN");
        return accessToken is null && identityToken is null
            ? null
            : new StaticSettings(CredentialSettings.DefaultAccount, accessToken, identityToken);
    }

    private string? Issuer(SettingValue? given)
    {
        if (given is { } value && !(Uri.TryCreate(value.Text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            _errors.Add($"{value.Origin}: \"{value.Text}\" is not an issuer. Give an http or https address, as in http://127.0.0.1:9000.");
        }

        return given?.Text;
    }

    private OverrideSettings Overrides()
    {
        ulong? number = null;
        if (Variable("GOOGLE_NUMERIC_PROJECT_ID") is { } text)
        {
            if (ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed))
            {
                number = parsed;
            }
            else
            {
                _errors.Add($"GOOGLE_NUMERIC_PROJECT_ID: \"{text}\" is not a number. Give the project's number, not its id, or unset it.");
            }
        }

        return new OverrideSettings(Variable("GOOGLE_PROJECT_ID"), number, Variable("GOOGLE_SERVICE_ACCOUNT"));
    }

    private string? Variable(string name) =>
        _variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;

    private bool Flag(string key, bool otherwise)
    {
        if (_layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        if (bool.TryParse(given.Text, out var value))
        {
            return value;
        }

        _errors.Add($"{given.Origin}: \"{given.Text}\" is neither true nor false.");
        return otherwise;
    }

    private TimeSpan Seconds(string key)
    {
        if (_layers.Find(key) is not { } given)
        {
            return TimeSpan.Zero;
        }

        if (ushort.TryParse(given.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return TimeSpan.FromSeconds(seconds);
        }

        _errors.Add($"{given.Origin}: \"{given.Text}\" is not a number of seconds from 0 to 65535.");
        return TimeSpan.Zero;
    }

    private T Choice<T>(string key, T otherwise)
        where T : struct, Enum
    {
        if (_layers.Find(key) is not { } given)
        {
            return otherwise;
        }

        // Enum.TryParse takes numbers as well; nobody means them.
        if (Enum.TryParse<T>(given.Text, ignoreCase: true, out var value) && char.IsLetter(given.Text[0]))
        {
            return value;
        }

        var names = string.Join(", ", Enum.GetNames<T>().Select(name => name.ToLowerInvariant()));
        _errors.Add($"{given.Origin}: \"{given.Text}\" is none of {names}.");
        return otherwise;
    }
}
