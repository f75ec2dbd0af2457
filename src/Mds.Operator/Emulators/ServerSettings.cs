using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Credentials;

namespace Mds.Operator.Emulators;

/// <summary>The settings document of an emulator's server, and where its files are mounted. No secret is in it.</summary>
internal static class ServerSettings
{
    /// <summary>The container port of the metadata; not 8080, because grpc-java dials GCE_METADATA_HOST there.</summary>
    public const int MetadataPort = 16175;

    /// <summary>The container port of health, status and metrics.</summary>
    public const int AdminPort = 16176;

    /// <summary>The port, of the container and of the Service, of the local issuer's documents.</summary>
    public const int IssuerPort = 16177;

    /// <summary>Where the settings are mounted.</summary>
    public const string SettingsFolder = "/etc/mds/settings";

    /// <summary>Where the claims are mounted.</summary>
    public const string ClaimsFolder = "/etc/mds/claims";

    /// <summary>The settings' key in the ConfigMap and their file name.</summary>
    public const string SettingsFile = "settings.json";

    /// <summary>The claims' key in the ConfigMap and their file name.</summary>
    public const string ClaimsFile = "claims.json";

    /// <summary>Where the certificate of the local issuer's port is mounted.</summary>
    public const string IssuerFolder = "/etc/mds/issuer";

    /// <summary>How long a server goes on answering after it was told to end, until nothing is sent to it any more.</summary>
    public const int ShutdownDelaySeconds = 5;

    /// <summary>Where the Service of an emulator answers with the keys of its issuer, and that issuer's name unless another is given.</summary>
    public static string IssuerUrl(Emulator emulator) =>
        string.Create(CultureInfo.InvariantCulture, $"{(emulator.IssuerTlsSecret is null ? "http" : "https")}://{emulator.ObjectName}.{emulator.Namespace}.svc:{IssuerPort}");

    /// <summary>The document.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="allowedHosts">The names and addresses that requests may call the server by.</param>
    public static JsonObject Build(Emulator emulator, IEnumerable<string> allowedHosts) => new JsonObject
    {
        ["configFile"] = $"{ClaimsFolder}/{ClaimsFile}",
    }
        .With("claimsUpstream", emulator.ClaimsUpstream)
        .With("interface", "*")
        .With("port", Port(MetadataPort))
        .With("allowedHosts", new JsonArray([.. allowedHosts.Select(host => JsonValue.Create(host))]))
        .With("flavor", emulator.Flavor.ToString())
        .With("metricsEnabled", true)
        .With("metricsInterface", "*")
        .With("metricsPort", Port(AdminPort))
        .With("issuerInterface", emulator.HasIssuer ? "*" : null)
        .With("issuerPort", emulator.HasIssuer ? Port(IssuerPort) : null)
        .With("issuerServerCert", emulator.IssuerTlsSecret is null ? null : $"{IssuerFolder}/{EmulatorIssuer.CertificateFile}")
        .With("issuerServerKey", emulator.IssuerTlsSecret is null ? null : $"{IssuerFolder}/{EmulatorIssuer.KeyFile}")
        .With("prefetch", emulator.Prefetch == EmulatorPrefetch.Ready ? "ready" : null)
        .With("startDegraded", true)
        .With("shutdownDelaySeconds", ShutdownDelaySeconds)
        .With("endpoints", emulator.Endpoints.Settings)
        .With("credentials", new JsonArray([.. emulator.Credentials.Select((credential, index) =>
        {
            var entry = new JsonObject { ["account"] = credential.Account };
            foreach (var (field, value) in credential.Settings(emulator, new CredentialFolder(index)))
            {
                entry[field] = value?.DeepClone();
            }

            return entry;
        })]));

    private static string Port(int port) => $":{port.ToString(CultureInfo.InvariantCulture)}";
}
