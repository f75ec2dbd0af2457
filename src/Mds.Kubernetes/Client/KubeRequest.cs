using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>One request to the API server.</summary>
internal sealed record KubeRequest(HttpMethod Method, string PathAndQuery, JsonNode? Body = null, string ContentType = "application/json")
{
    /// <summary>Server-side apply. The body is JSON, which is YAML; older servers know no other type for it.</summary>
    public const string Apply = "application/apply-patch+yaml";

    public const string MergePatch = "application/merge-patch+json";

    public const string JsonPatch = "application/json-patch+json";

    /// <summary>Whether sending it twice does no more than sending it once.</summary>
    public bool Idempotent => Method != HttpMethod.Post && ContentType != JsonPatch;

    /// <summary>What messages call the request. Bodies and headers may be secret and are left out.</summary>
    public override string ToString()
    {
        var query = PathAndQuery.IndexOf('?', StringComparison.Ordinal);
        return $"{Method} {(query < 0 ? PathAndQuery : PathAndQuery[..query])}";
    }
}
