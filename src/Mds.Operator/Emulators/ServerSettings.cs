using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>The settings document of an emulator's server, and where its files are mounted. No secret is in it.</summary>
internal static class ServerSettings
{
    /// <summary>The container port of the metadata; not 8080, because grpc-java dials GCE_METADATA_HOST there.</summary>
    public const int MetadataPort = 16175;

    /// <summary>The container port of health, status and metrics.</summary>
    public const int AdminPort = 16176;

    /// <summary>Where the settings are mounted.</summary>
    public const string SettingsFolder = "/etc/mds/settings";

    /// <summary>Where the claims are mounted.</summary>
    public const string ClaimsFolder = "/etc/mds/claims";

    /// <summary>The settings' key in the ConfigMap and their file name.</summary>
    public const string SettingsFile = "settings.json";

    /// <summary>The claims' key in the ConfigMap and their file name.</summary>
    public const string ClaimsFile = "claims.json";

    /// <summary>How long a server goes on answering after it was told to end, until nothing is sent to it any more.</summary>
    public const int ShutdownDelaySeconds = 5;

    /// <summary>Where the Secret of a credential is mounted.</summary>
    /// <param name="index">Its place in the list.</param>
    public static string CredentialFolder(int index) =>
        $"/etc/mds/credentials/{index.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>The Secret key a credential reads and the file name it is mounted under; null when it needs none.</summary>
    public static (KeyReference Secret, string File)? SecretOf(EmulatorCredential credential) => credential switch
    {
        ServiceAccountKeyCredential key => (key.Key, "key.json"),
        LocalCredential { SigningKey: { } key } => (key, "key.pem"),
        _ => null,
    };

    /// <summary>The document.</summary>
    public static JsonObject Build(Emulator emulator) => new()
    {
        ["configFile"] = $"{ClaimsFolder}/{ClaimsFile}",
        ["interface"] = "*",
        ["port"] = Port(MetadataPort),
        ["flavor"] = emulator.Flavor.ToString(),
        ["metricsEnabled"] = true,
        ["metricsInterface"] = "*",
        ["metricsPort"] = Port(AdminPort),
        ["startDegraded"] = true,
        ["shutdownDelaySeconds"] = ShutdownDelaySeconds,
        ["credentials"] = new JsonArray([.. emulator.Credentials.Select(Credential)]),
    };

    private static JsonObject Credential(EmulatorCredential credential, int index)
    {
        var entry = new JsonObject { ["account"] = credential.Account };
        var file = SecretOf(credential) is { } secret ? $"{CredentialFolder(index)}/{secret.File}" : null;
        switch (credential)
        {
            case ServiceAccountKeyCredential:
                entry["serviceAccountKey"] = new JsonObject { ["file"] = file };
                break;
            case LocalCredential local:
                entry["local"] = new JsonObject().With("issuer", local.Issuer).With("keyFile", file);
                break;
            default:
                throw new ArgumentException($"There are no settings for {credential.GetType().Name}.", nameof(credential));
        }

        return entry;
    }

    private static string Port(int port) => $":{port.ToString(CultureInfo.InvariantCulture)}";
}
