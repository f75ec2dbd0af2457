using System.Text.Json;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Admission;

/// <summary>What the API server asks, as <c>request</c> of an <c>admission.k8s.io/v1 AdmissionReview</c> has it.</summary>
/// <param name="Uid">Names the question; the answer repeats it.</param>
/// <param name="Resource">What is to be admitted, as <c>group/version, resource</c> in words: <c>v1 pods</c>.</param>
/// <param name="Operation"><c>CREATE</c>, <c>UPDATE</c>, ….</param>
/// <param name="Namespace">The object's namespace. Pods that controllers make have none in their own metadata yet.</param>
/// <param name="Object">The object; empty when the operation has none.</param>
/// <param name="DryRun">Whether nothing will be stored.</param>
internal sealed record AdmissionRequest(
    string Uid, string Resource, string Operation, string Namespace, JsonObject Object, bool DryRun)
{
    private const string ApiVersion = "admission.k8s.io/v1";

    // The same member twice would mean one thing here and another thing to the API server.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Whether this is about a pod that is being created.</summary>
    public bool IsPodCreation => Resource == "v1 pods" && Operation == "CREATE";

    /// <summary>The object's name, or what a controller wants it to begin with.</summary>
    public string ObjectName => KubeJson.NameOf(Object) is { Length: > 0 } name
        ? name
        : $"{KubeJson.TextOf((Object["metadata"] as JsonObject)?["generateName"])}*";

    /// <summary>Reads a review.</summary>
    /// <param name="body">Its JSON in UTF-8.</param>
    /// <returns>The request, or a sentence that says what is wrong.</returns>
    public static (AdmissionRequest? Request, string Problem) Parse(ReadOnlySpan<byte> body)
    {
        JsonNode? review;
        try
        {
            review = JsonNode.Parse(body, documentOptions: Strict);
        }
        catch (JsonException exception)
        {
            return (null, $"The body must be an AdmissionReview in JSON: {exception.Message}");
        }

        if (review is not JsonObject root || KubeJson.TextOf(root["kind"]) != "AdmissionReview")
        {
            return (null, "$.kind must be AdmissionReview.");
        }

        if (KubeJson.TextOf(root["apiVersion"]) != ApiVersion)
        {
            return (null, $"$.apiVersion must be {ApiVersion}; list v1 in admissionReviewVersions of the webhook configuration.");
        }

        if (root["request"] is not JsonObject request)
        {
            return (null, "$.request must be an object.");
        }

        if (KubeJson.TextOf(request["uid"]) is not { Length: > 0 } uid)
        {
            return (null, "$.request.uid must be a string that is not empty.");
        }

        if (request["resource"] is not JsonObject resource)
        {
            return (null, "$.request.resource must be an object.");
        }

        var parsed = new AdmissionRequest(
            uid,
            NameOf(resource),
            KubeJson.TextOf(request["operation"]) ?? "",
            KubeJson.TextOf(request["namespace"]) ?? "",
            request["object"] as JsonObject ?? [],
            request["dryRun"] is JsonValue dryRun && dryRun.GetValueKind() == JsonValueKind.True);
        if (!parsed.IsPodCreation)
        {
            return (parsed, "");
        }

        if (parsed.Object["metadata"] is not JsonObject || parsed.Object["spec"] is not JsonObject)
        {
            return (null, "$.request.object must be a pod, with the objects metadata and spec.");
        }

        return parsed.Namespace.Length > 0 ? (parsed, "") : (null, "$.request.namespace must be a string that is not empty.");
    }

    private static string NameOf(JsonObject resource)
    {
        var (group, version, plural) =
            (KubeJson.TextOf(resource["group"]), KubeJson.TextOf(resource["version"]), KubeJson.TextOf(resource["resource"]));
        return string.IsNullOrEmpty(group) ? $"{version} {plural}" : $"{group}/{version} {plural}";
    }
}
