using System.Text.Json.Nodes;

namespace Mds.Operator.Admission;

/// <summary>The answer to one <see cref="AdmissionRequest"/>.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Sentence">Why, in words.</param>
internal sealed record AdmissionDecision(AdmissionReason Reason, string Sentence)
{
    // Any refusal makes ReplicaSets and Jobs try again, with their own back-off. A 429 or 5xx with Retry-After would have
    // the controllers' client wait in place and hold up the pods of everybody else.
    private const int Forbidden = 403;

    /// <summary>The emulator as <c>namespace/name</c>; null when none was chosen.</summary>
    public string? Emulator { get; init; }

    /// <summary>The JSON patch; empty for none.</summary>
    public JsonArray Patch { get; init; } = [];

    /// <summary>Sentences for whoever creates the pod.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether the pod is let in.</summary>
    public bool Allowed => Reason.Outcome != AdmissionOutcome.Refused;

    /// <summary>The review that answers a request.</summary>
    /// <param name="uid">The request's <c>uid</c>.</param>
    public JsonObject ToReview(string uid)
    {
        var response = new JsonObject { ["uid"] = uid, ["allowed"] = Allowed };
        if (!Allowed)
        {
            response["status"] = new JsonObject
            {
                ["status"] = "Failure",
                ["code"] = Forbidden,
                ["reason"] = "Forbidden",
                ["message"] = Sentence,
            };
        }

        if (Patch.Count > 0)
        {
            response["patchType"] = "JSONPatch";
            response["patch"] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Patch.ToJsonString()));
        }

        if (Warnings.Count > 0)
        {
            response["warnings"] = new JsonArray([.. Warnings]);
        }

        // The API server puts the webhook's name before these keys and both into its audit log.
        var audit = new JsonObject { ["reason"] = Reason.Name };
        if (Emulator is not null)
        {
            audit["emulator"] = Emulator;
        }

        response["auditAnnotations"] = audit;
        return new JsonObject
        {
            ["apiVersion"] = "admission.k8s.io/v1",
            ["kind"] = "AdmissionReview",
            ["response"] = response,
        };
    }
}
