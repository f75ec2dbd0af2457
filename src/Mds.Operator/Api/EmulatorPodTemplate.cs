using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>What a user adds to the server's pods. Kept raw: the API server knows these fields better than this program.</summary>
/// <param name="Labels">Labels of the pods.</param>
/// <param name="Annotations">Annotations of the pods.</param>
/// <param name="Resources">Requests and limits of the server's container; null for the operator's own.</param>
/// <param name="PodFields">Fields of the pod's specification by name, such as <c>nodeSelector</c>.</param>
internal sealed record EmulatorPodTemplate(
    ImmutableSortedDictionary<string, string> Labels,
    ImmutableSortedDictionary<string, string> Annotations,
    JsonObject? Resources,
    ImmutableSortedDictionary<string, JsonNode> PodFields)
{
    /// <summary>The fields of a pod's specification that a template may set.</summary>
    public static readonly ImmutableArray<string> PodFieldNames =
    [
        "nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName", "imagePullSecrets",
    ];

    /// <summary>The template that adds nothing.</summary>
    public static readonly EmulatorPodTemplate Empty = new(
        ImmutableSortedDictionary<string, string>.Empty,
        ImmutableSortedDictionary<string, string>.Empty,
        null,
        ImmutableSortedDictionary<string, JsonNode>.Empty);
}
