using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>
/// Decides what a pod lacks to reach an emulator. Pure; never overrides what the user set; run on its own result it
/// finds nothing missing, so that the API server may call it again after other webhooks added containers. What does not
/// have the shape of a pod is left for the API server to refuse.
/// </summary>
internal static class Injector
{
    // Programs without any variable (PHP, gRPC) use the long name, some shells and scripts the short one.
    private static readonly string[] HostNames = ["metadata.google.internal", "metadata"];

    /// <summary>Decides.</summary>
    /// <param name="pod">The pod; not changed.</param>
    /// <param name="emulator">The emulator the pod asks for.</param>
    /// <param name="endpoint">Where that emulator answers.</param>
    public static Injection Inject(JsonObject pod, Emulator emulator, EmulatorEndpoint endpoint)
    {
        var patch = new AddPatch();
        var spec = pod["spec"] as JsonObject ?? [];
        var skipped = Names(KubeJson.AnnotationOf(pod, WellKnown.SkipContainersAnnotation));

        var containers = new List<ContainerReport>();
        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var (container, index) in Objects(spec[list]))
            {
                containers.Add(InjectContainer(container, $"/spec/{list}/{index}", emulator, endpoint, skipped, patch));
            }
        }

        var aliases = emulator.Injection.HostAliases ? InjectHostAliases(spec, endpoint.Ip, patch) : null;
        var report = new InjectionReport(emulator.Key, endpoint.Host, containers, aliases);
        Annotate(pod, report.ToJson(), patch);
        return new Injection(patch.Operations, report, InjectionWarnings.For(spec, report, endpoint, skipped));
    }

    /// <summary>The elements of a list that are objects, with their indexes; none if it is no list.</summary>
    internal static IEnumerable<(JsonObject Item, int Index)> Objects(JsonNode? list)
    {
        var items = list as JsonArray ?? [];
        for (var index = 0; index < items.Count; index++)
        {
            if (items[index] is JsonObject item)
            {
                yield return (item, index);
            }
        }
    }

    private static ContainerReport InjectContainer(
        JsonObject container, string path, Emulator emulator, EmulatorEndpoint endpoint, HashSet<string> skipped, AddPatch patch)
    {
        var name = KubeJson.TextOf(container["name"]) ?? "";
        if (!emulator.Injection.Env)
        {
            return new ContainerReport(name, [], [], AdmissionReason.EnvDisabled);
        }

        if (skipped.Contains(name))
        {
            return new ContainerReport(name, [], [], AdmissionReason.SkipContainers);
        }

        List<string> injected = [], kept = [];
        var missing = new JsonArray();
        foreach (var (variable, value) in MetadataVariables.For(endpoint.Host))
        {
            var entries = Objects(container["env"]).Select(e => e.Item).Where(e => KubeJson.TextOf(e["name"]) == variable).ToList();
            if (entries.Count == 0)
            {
                missing.Add((JsonNode)new JsonObject { ["name"] = variable, ["value"] = value });
            }

            // Of several entries with one name the last one counts.
            var set = entries.Count == 0 || KubeJson.TextOf(entries[^1]["value"]) == value;
            (set ? injected : kept).Add(variable);
        }

        switch (container["env"])
        {
            case null when missing.Count > 0:
                patch.Add($"{path}/env", missing);
                break;
            case JsonArray:
                foreach (var variable in missing)
                {
                    patch.Add($"{path}/env/-", variable!.DeepClone());
                }

                break;
            default:
                break;
        }

        return new ContainerReport(name, injected, kept);
    }

    private static HostAliasReport InjectHostAliases(JsonObject spec, string ip, AddPatch patch)
    {
        List<string> injected = [], kept = [], missing = [];
        foreach (var name in HostNames)
        {
            var addresses = Objects(spec["hostAliases"])
                .Where(alias => (alias.Item["hostnames"] as JsonArray ?? []).Any(host => KubeJson.TextOf(host) == name))
                .Select(alias => KubeJson.TextOf(alias.Item["ip"]))
                .ToList();
            if (addresses.Count == 0)
            {
                missing.Add(name);
            }

            // Of several lines with one name, resolvers take the first.
            (addresses.Count == 0 || addresses[0] == ip ? injected : kept).Add(name);
        }

        var entry = new JsonObject { ["ip"] = ip, ["hostnames"] = new JsonArray([.. missing]) };
        switch (spec["hostAliases"])
        {
            case null when missing.Count > 0:
                patch.Add("/spec/hostAliases", new JsonArray(entry));
                break;
            case JsonArray when missing.Count > 0:
                patch.Add("/spec/hostAliases/-", entry);
                break;
            default:
                break;
        }

        return new HostAliasReport(injected, kept);
    }

    private static void Annotate(JsonObject pod, string status, AddPatch patch)
    {
        if (KubeJson.AnnotationOf(pod, WellKnown.StatusAnnotation) == status)
        {
            return;
        }

        if (pod["metadata"]?["annotations"] is JsonObject)
        {
            patch.Add($"/metadata/annotations/{AddPatch.Escape(WellKnown.StatusAnnotation)}", status);
        }
        else
        {
            patch.Add("/metadata/annotations", new JsonObject { [WellKnown.StatusAnnotation] = status });
        }
    }

    private static HashSet<string> Names(string? commaSeparated) =>
        [.. (commaSeparated ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
}
