using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Credentials;

namespace Mds.Operator.Emulators;

/// <summary>The volumes of a server's pod, each with the place in the container where it is mounted.</summary>
internal static class ServerVolumes
{
    private const int ForGroup = 0x120; // 0440: for the group given by fsGroup alone

    /// <summary>Lists them.</summary>
    public static IEnumerable<(JsonObject Volume, JsonObject Mount)> Of(Emulator emulator)
    {
        yield return ConfigMap("settings", ServerSettings.SettingsFolder, emulator.ObjectName, ServerSettings.SettingsFile, ServerSettings.SettingsFile);
        var claims = emulator.ClaimsFrom ?? new KeyReference(emulator.ObjectName, ServerSettings.ClaimsFile);
        yield return ConfigMap("claims", ServerSettings.ClaimsFolder, claims.Name, claims.Key, ServerSettings.ClaimsFile);
        for (var i = 0; i < emulator.Credentials.Length; i++)
        {
            var (credential, folder) = (emulator.Credentials[i], new CredentialFolder(i));
            if (!credential.Secrets.IsEmpty)
            {
                yield return Projected(folder.Volume, folder.Path, [.. credential.Secrets.Select(file => Source(file.Secret.Name, Items((file.Secret.Key, file.Name))))]);
            }

            if (credential.Token is { } token)
            {
                yield return Projected(folder.TokenVolume, folder.TokenPath, new JsonObject
                {
                    ["serviceAccountToken"] = new JsonObject
                    {
                        ["audience"] = token.Audience,
                        ["expirationSeconds"] = token.ExpirationSeconds,
                        ["path"] = CredentialFolder.TokenFileName,
                    },
                });
            }
        }

        if (emulator.IssuerTlsSecret is { } certificate)
        {
            yield return Projected("issuer", ServerSettings.IssuerFolder, Source(
                certificate, Items((EmulatorIssuer.CertificateFile, EmulatorIssuer.CertificateFile), (EmulatorIssuer.KeyFile, EmulatorIssuer.KeyFile))));
        }

        foreach (var (index, device) in ServerDevices.OfNode(emulator).Index())
        {
            var name = $"device-{index}";
            yield return (
                new JsonObject { ["name"] = name, ["hostPath"] = new JsonObject { ["path"] = device, ["type"] = "CharDevice" } },
                new JsonObject { ["name"] = name, ["mountPath"] = device });
        }
    }

    private static (JsonObject, JsonObject) ConfigMap(string name, string path, string configMap, string key, string file) => (
        new JsonObject { ["name"] = name, ["configMap"] = new JsonObject { ["name"] = configMap, ["items"] = Items((key, file)) } },
        Mount(name, path));

    private static (JsonObject, JsonObject) Projected(string name, string path, params JsonNode[] sources) => (
        new JsonObject
        {
            ["name"] = name,
            ["projected"] = new JsonObject { ["sources"] = new JsonArray(sources), ["defaultMode"] = ForGroup },
        },
        Mount(name, path));

    private static JsonObject Source(string secret, JsonArray items) => new()
    {
        ["secret"] = new JsonObject
        {
            ["name"] = secret,
            ["items"] = items,
            // A missing Secret is told by the server, account by account, and heals by itself; the pod does not hang.
            ["optional"] = true,
        },
    };

    private static JsonArray Items(params (string Key, string Path)[] items) =>
        [.. items.Select(item => new JsonObject { ["key"] = item.Key, ["path"] = item.Path })];

    private static JsonObject Mount(string name, string path) => new() { ["name"] = name, ["mountPath"] = path, ["readOnly"] = true };
}
