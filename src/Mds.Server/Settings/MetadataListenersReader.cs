using System.Globalization;
using System.Net;
using Mds.Server.Listeners;

namespace Mds.Server.Settings;

/// <summary>Reads where metadata is served.</summary>
/// <param name="layers">Where values are found.</param>
/// <param name="parser">Reads single values.</param>
/// <param name="errors">Takes a sentence for each thing that is wrong.</param>
internal sealed class MetadataListenersReader(SettingsLayers layers, SettingParser parser, List<string> errors)
{
    private static readonly string[] ReferenceTlsFiles = ["rootCAmTLS", "serverCert", "serverKey"];
    private static readonly string[] TlsFiles = ["certificate", "key", "clientAuthorities"];
    private static readonly ListenerSettings DefaultTls = new(IPAddress.Loopback, 8443, "$.tls.interface", "$.tls.port");

    /// <summary>Reads it.</summary>
    public MetadataListeners Read()
    {
        var unixSocket = UnixSocket();
        var asked = layers.Find("interface") ?? layers.Find("port");
        var cloudRun = layers.Find(CloudRunSwitches.ListenAddress);
        if (asked is { } one && cloudRun is { } other)
        {
            errors.Add($"{one.Origin} and {other.Origin} both say where to listen. Give one of them.");
        }

        var tls = Tls();
        var tcp = (cloudRun is { } address ? CloudRun(address) : parser.Listener(ListenerSettings.DefaultMetadata)) with { Tls = ReferenceTls() };
        // A Unix socket alone means no port, as it does for the reference emulator; asking for one as well means both.
        var listeners = new MetadataListeners(unixSocket is null || asked is not null || cloudRun is not null || tcp.Tls is not null ? tcp : null, unixSocket, tls);
        if (tls?.PortClash("The TLS listener", (listeners with { Tls = null }).Ports) is { } clash)
        {
            errors.Add(clash);
        }

        return listeners;
    }

    // The Cloud Run emulator's form, which is Go's: an address may be left out, and means every one.
    private ListenerSettings CloudRun(SettingValue given)
    {
        var colon = given.Text.LastIndexOf(':');
        IPAddress? address = null;
        if (colon >= 0
            && ushort.TryParse(given.Text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            && (given.Text[..colon] is "" or "*" || IPAddress.TryParse(given.Text[..colon].Replace("localhost", "127.0.0.1", StringComparison.Ordinal), out address)))
        {
            return new ListenerSettings(address, port, "-listen-address", "-listen-address");
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is not an address with a port. Give both, as in 127.0.0.1:8888.");
        return ListenerSettings.DefaultMetadata;
    }

    private UnixSocketSettings? UnixSocket()
    {
        var mode = layers.Find("domainsocketMode");
        if (layers.Find("domainsocket") is not { } path)
        {
            if (mode is { } useless)
            {
                errors.Add($"{useless.Origin} is about a Unix socket, and there is none. Add -domainsocket, or leave it out.");
            }

            return null;
        }

        return mode is null ? new UnixSocketSettings(path.Text) : new UnixSocketSettings(path.Text, Mode(mode.Value));
    }

    private UnixFileMode Mode(SettingValue given)
    {
        try
        {
            if (given.Text.Length is 3 or 4 && Convert.ToInt32(given.Text, 8) is > 0 and <= 0x1ff and var mode)
            {
                return (UnixFileMode)mode;
            }
        }
        catch (FormatException)
        {
            // Not octal.
        }

        errors.Add($"{given.Origin}: \"{given.Text}\" is not a file mode. Give three octal digits, as in 660 for the user and the group.");
        return UnixSocketSettings.DefaultMode;
    }

    // The reference emulator's switches make its one port a TLS port, with files where its own are.
    private TlsSettings? ReferenceTls()
    {
        var isOn = parser.Flag("usemTLS", false);
        foreach (var key in ReferenceTlsFiles)
        {
            if (!isOn && layers.Find(key) is { } useless)
            {
                errors.Add($"{useless.Origin} is about mutual TLS, which is off. Add -usemTLS, or leave it out.");
            }
        }

        return !isOn ? null : new TlsSettings(
            layers.Find("serverCert")?.Text ?? TlsSettings.DefaultCertificateFile,
            layers.Find("serverKey")?.Text ?? TlsSettings.DefaultKeyFile,
            layers.Find("rootCAmTLS")?.Text ?? TlsSettings.DefaultClientAuthoritiesFile);
    }

    private ListenerSettings? Tls()
    {
        if (layers.Find("tls") is { } scalar)
        {
            errors.Add($"{scalar.Origin} is a single value. Make it an object with port, certificate, key and clientAuthorities.");
            return null;
        }

        if (!layers.Has("tls"))
        {
            return null;
        }

        var files = TlsFiles.Select(name => layers.Find($"tls:{name}")?.Text).ToArray();
        if (files is not [{ } certificate, { } key, { } clientAuthorities])
        {
            errors.Add($"{layers.OriginOf("tls")} needs certificate, key and clientAuthorities, the paths of three PEM files.");
            return null;
        }

        return parser.Listener(DefaultTls) with { Tls = new TlsSettings(certificate, key, clientAuthorities) };
    }
}
