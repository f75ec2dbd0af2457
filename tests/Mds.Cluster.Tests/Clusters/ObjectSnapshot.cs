namespace Mds.Cluster.Tests.Clusters;

/// <summary>The names of all objects in the cluster, but those the cluster makes of itself all the time.</summary>
public sealed class ObjectSnapshot
{
    /// <summary>What comes and goes by itself: events, and what Kubernetes derives from Services, nodes and namespaces.</summary>
    private static readonly string[] Fleeting =
        ["events", "endpoints", "endpointslices", "nodes", "csinodes", "componentstatuses", "pods.metrics", "nodes.metrics", "apiservices"];

    private readonly IReadOnlySet<string> _names;

    private ObjectSnapshot(IReadOnlySet<string> names) => _names = names;

    public static async Task<ObjectSnapshot> TakeAsync(ClusterFixture cluster, CancellationToken cancellation)
    {
        var resources = (await cluster.Kubectl.RunAsync(cancellation, "api-resources", "--verbs=list", "-o", "name"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(resource => !Fleeting.Any(name => resource == name || resource.StartsWith(name + ".", StringComparison.Ordinal)));
        var listed = await cluster.Kubectl.RunAsync(
            cancellation, "get", string.Join(',', resources), "--all-namespaces", "--ignore-not-found", "--no-headers", "-o",
            "custom-columns=:kind,:metadata.namespace,:metadata.name");
        return new(listed.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            .Where(name => !IsInEveryNamespace(name.Split(' ')))
            .ToHashSet(StringComparer.Ordinal));
    }

    /// <summary>What is here and was not there before, as <c>KIND NAMESPACE NAME</c>.</summary>
    public IReadOnlyList<string> Since(ObjectSnapshot before) => [.. _names.Except(before._names).Order(StringComparer.Ordinal)];

    /// <summary>What Kubernetes puts into every namespace, a moment after it was made.</summary>
    private static bool IsInEveryNamespace(string[] name) => name switch
    {
        ["ConfigMap", _, "kube-root-ca.crt"] or ["ServiceAccount", _, "default"] => true,
        ["Secret", _, var secret] => secret.StartsWith("default-token-", StringComparison.Ordinal),
        _ => false,
    };
}
