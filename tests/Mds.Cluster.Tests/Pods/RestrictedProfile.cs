using System.Text.Json.Nodes;

namespace Mds.Cluster.Tests.Pods;

/// <summary>
/// The rules of the Pod Security Standard "restricted" (Kubernetes' documentation, concepts/security/pod-security-standards),
/// for clusters that do not enforce them themselves.
/// </summary>
public static class RestrictedProfile
{
    private static readonly string[] Volumes =
        ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"];

    /// <summary>What a pod does that the profile forbids; nothing when it keeps to it.</summary>
    public static IEnumerable<string> Violations(JsonObject pod)
    {
        var spec = pod["spec"]!.AsObject();
        foreach (var field in new[] { "hostNetwork", "hostPID", "hostIPC" }.Where(field => IsTrue(spec[field])))
        {
            yield return $"{field} is true";
        }

        foreach (var volume in Items(spec["volumes"]))
        {
            var kind = volume.Select(member => member.Key).Single(key => key != "name");
            if (!Volumes.Contains(kind))
            {
                yield return $"volume {volume["name"]} is a {kind}";
            }
        }

        var common = spec["securityContext"] as JsonObject ?? [];
        foreach (var violation in new[] { "initContainers", "containers", "ephemeralContainers" }
            .SelectMany(list => Items(spec[list])).SelectMany(container => Violations(container, common)))
        {
            yield return violation;
        }
    }

    private static IEnumerable<string> Violations(JsonObject container, JsonObject common)
    {
        var name = $"container {container["name"]}:";
        var own = container["securityContext"] as JsonObject ?? [];
        if (IsTrue(own["privileged"]))
        {
            yield return $"{name} privileged is true";
        }

        if (own["allowPrivilegeEscalation"]?.GetValue<bool>() is not false)
        {
            yield return $"{name} allowPrivilegeEscalation is not false";
        }

        if (!IsTrue(own["runAsNonRoot"] ?? common["runAsNonRoot"]))
        {
            yield return $"{name} runAsNonRoot is not true";
        }

        if ((own["runAsUser"] ?? common["runAsUser"])?.GetValue<long>() is 0)
        {
            yield return $"{name} runAsUser is 0";
        }

        if ((string?)(own["seccompProfile"] ?? common["seccompProfile"])?["type"] is not ("RuntimeDefault" or "Localhost"))
        {
            yield return $"{name} seccompProfile.type is neither RuntimeDefault nor Localhost";
        }

        var capabilities = own["capabilities"];
        if (!Texts(capabilities?["drop"]).Contains("ALL"))
        {
            yield return $"{name} capabilities.drop does not name ALL";
        }

        if (Texts(capabilities?["add"]).Any(capability => capability != "NET_BIND_SERVICE"))
        {
            yield return $"{name} capabilities.add names more than NET_BIND_SERVICE";
        }

        if (Items(container["ports"]).Any(port => port["hostPort"]?.GetValue<int>() is > 0))
        {
            yield return $"{name} uses a hostPort";
        }
    }

    private static bool IsTrue(JsonNode? node) => node?.GetValue<bool>() is true;

    private static IEnumerable<JsonObject> Items(JsonNode? list) => (list as JsonArray ?? []).Select(item => item!.AsObject());

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(item => (string)item!);
}
