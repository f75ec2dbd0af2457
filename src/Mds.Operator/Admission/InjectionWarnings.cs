using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>
/// What in a pod keeps Google's clients from the emulator although the pod was injected. The API server shows these
/// sentences to whoever creates the pod; it may cut them after 256 characters.
/// </summary>
internal static class InjectionWarnings
{
    private static readonly string[] ProxyVariables = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    private static readonly string[] NoProxyVariables = ["NO_PROXY", "no_proxy"];

    /// <summary>The sentences, in the pod's order.</summary>
    /// <param name="spec">The pod's <c>spec</c>.</param>
    /// <param name="report">What the injector did.</param>
    /// <param name="endpoint">Where the emulator answers.</param>
    /// <param name="skipped">The containers the user wants left alone.</param>
    public static IReadOnlyList<string> For(
        JsonObject spec, InjectionReport report, EmulatorEndpoint endpoint, IReadOnlySet<string> skipped)
    {
        var warnings = new List<string>();
        var names = report.Containers.Select(container => container.Name).ToHashSet();
        warnings.AddRange(skipped.Where(name => !names.Contains(name)).Order(StringComparer.Ordinal).Select(name =>
            $"mds: the annotation {WellKnown.SkipContainersAnnotation} lists {name}, but the pod has no container of that name"));

        foreach (var container in report.Containers)
        {
            warnings.AddRange(container.Kept.Select(variable =>
                $"mds: container {container.Name} sets {variable} itself; its value was kept and may lead elsewhere"));
        }

        foreach (var list in (string[])["initContainers", "containers"])
        {
            foreach (var (container, _) in Injector.Objects(spec[list]))
            {
                var name = KubeJson.TextOf(container["name"]) ?? "";
                if (!skipped.Contains(name))
                {
                    warnings.AddRange(OfContainer(name, container, endpoint.Ip));
                }
            }
        }

        warnings.AddRange((report.HostAliases?.Kept ?? []).Select(name =>
            $"mds: spec.hostAliases of the pod says itself where {name} is; that was kept"));
        return warnings;
    }

    private static IEnumerable<string> OfContainer(string name, JsonObject container, string ip)
    {
        // The last of several entries with one name is the one the process sees; null: set, but only the node knows to what.
        var environment = new Dictionary<string, string?>();
        foreach (var (variable, _) in Injector.Objects(container["env"]))
        {
            if (KubeJson.TextOf(variable["name"]) is { } key)
            {
                environment[key] = variable["valueFrom"] is null ? KubeJson.TextOf(variable["value"]) ?? "" : null;
            }
        }

        bool IsSet(string variable) => environment.TryGetValue(variable, out var value) && value is not "";
        bool Is(string variable, string value) =>
            string.Equals(environment.GetValueOrDefault(variable), value, StringComparison.OrdinalIgnoreCase);

        if (IsSet("GOOGLE_APPLICATION_CREDENTIALS"))
        {
            yield return $"mds: container {name} sets GOOGLE_APPLICATION_CREDENTIALS; clients use that file and ask no metadata server";
        }

        if (Is("NO_GCE_CHECK", "true"))
        {
            yield return $"mds: container {name} sets NO_GCE_CHECK=true; Python and Java clients will not look for a metadata server";
        }

        if (Is("GCE_METADATA_MTLS_MODE", "strict"))
        {
            yield return $"mds: container {name} sets GCE_METADATA_MTLS_MODE=strict; Python clients refuse a metadata server without mTLS";
        }

        if (ProxyVariables.FirstOrDefault(IsSet) is { } proxy
            && !NoProxyVariables.Any(variable => environment.TryGetValue(variable, out var value) && Excepts(value, ip)))
        {
            yield return $"mds: container {name} sets {proxy}; Python, Node, .NET, Ruby and Rust clients send metadata requests "
                + $"and tokens through that proxy unless NO_PROXY lists {ip}";
        }
    }

    // Networks in CIDR notation do not count: neither .NET nor Node understands them.
    private static bool Excepts(string? noProxy, string ip) => noProxy is null || noProxy
        .Split([',', ' '], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Any(host => host == "*" || host == ip || host == $"[{ip}]");
}
