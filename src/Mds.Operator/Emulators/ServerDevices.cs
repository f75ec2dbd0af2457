using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Credentials;

namespace Mds.Operator.Emulators;

/// <summary>
/// What a server's pod needs so that it can open devices. A device plugin's are asked for like memory. The node's own, mounted,
/// can be opened by a privileged container only; it stays a user that is not root, without a writable file system.
/// </summary>
internal static class ServerDevices
{
    /// <summary>The devices that are mounted from the node, each once.</summary>
    public static IEnumerable<string> OfNode(Emulator emulator) =>
        Of(emulator).Where(device => device.Resource is null).Select(device => device.Path).Distinct(StringComparer.Ordinal);

    /// <summary>Whether a device plugin hands out one of the devices, of which it may have no more than one a node.</summary>
    public static bool AreOfPlugin(Emulator emulator) => Of(emulator).Any(device => device.Resource is not null);

    /// <summary>The container's resources, with the devices of device plugins.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="resources">The resources otherwise; changed.</param>
    public static JsonObject Resources(Emulator emulator, JsonObject resources)
    {
        foreach (var name in Of(emulator).Select(device => device.Resource).OfType<string>().Distinct(StringComparer.Ordinal))
        {
            if (resources["limits"] is not JsonObject limits)
            {
                resources["limits"] = limits = [];
            }

            limits[name] = "1";
        }

        return resources;
    }

    /// <summary>The pod's groups beside its own; null for none.</summary>
    public static JsonArray? Groups(Emulator emulator)
    {
        var groups = Of(emulator).Select(device => device.Group).OfType<long>().Distinct().ToList();
        return groups.Count == 0 ? null : [.. groups.Select(group => JsonValue.Create(group))];
    }

    /// <summary>The container's security context.</summary>
    public static JsonObject SecurityContext(Emulator emulator) => OfNode(emulator).Any()
        ? new() { ["privileged"] = true, ["readOnlyRootFilesystem"] = true }
        : new()
        {
            ["allowPrivilegeEscalation"] = false,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
            ["readOnlyRootFilesystem"] = true,
        };

    private static IEnumerable<NodeDevice> Of(Emulator emulator) =>
        emulator.Credentials.Select(credential => credential.Device).OfType<NodeDevice>();
}
