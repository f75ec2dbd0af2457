using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>
/// Which pods a Service leads to, as its EndpointSlices say: what every node makes its routes of. A pod is ready a moment
/// before that.
/// </summary>
internal static class ServiceRouting
{
    private const string ServiceLabel = "kubernetes.io/service-name";

    /// <summary>The names of those pods.</summary>
    /// <param name="service">The Service's name.</param>
    /// <param name="slices">The EndpointSlices of its namespace.</param>
    public static ImmutableHashSet<string> PodsOf(string service, IEnumerable<JsonObject> slices) =>
    [
        .. slices.Where(slice => KubeJson.LabelOf(slice, ServiceLabel) == service)
            .SelectMany(slice => slice["endpoints"] as JsonArray ?? [])
            .Where(IsReady)
            .Select(endpoint => KubeJson.TextOf(endpoint?["targetRef"]?["name"]))
            .OfType<string>(),
    ];

    // Not said is ready (discovery.k8s.io/v1, EndpointConditions).
    private static bool IsReady(JsonNode? endpoint) =>
        endpoint?["conditions"]?["ready"] is not JsonValue value || !value.TryGetValue(out bool ready) || ready;
}
