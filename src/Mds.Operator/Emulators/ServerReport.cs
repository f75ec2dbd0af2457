using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>What a server says of itself at <c>/status</c>.</summary>
/// <param name="ClaimsError">What is wrong with the claims it was last given; null when nothing is.</param>
/// <param name="Credentials">What it says of each credential.</param>
internal sealed record ServerReport(string? ClaimsError, ImmutableArray<CredentialReport> Credentials)
{
    /// <summary>Reads one; null when it is none.</summary>
    public static ServerReport? Read(JsonNode? json)
    {
        if (json is not JsonObject { } report || report["claims"] is not JsonObject claims || report["credentials"] is not JsonArray credentials)
        {
            return null;
        }

        var valid = claims["valid"] is JsonValue value && value.TryGetValue(out bool given) && given;
        return new ServerReport(
            valid ? null : KubeJson.TextOf(claims["error"]) ?? "The claims are not valid.",
            [
                .. credentials.OfType<JsonObject>().Select(entry => new CredentialReport(
                    KubeJson.TextOf(entry["account"]) ?? "",
                    KubeJson.TextOf(entry["principal"]),
                    KubeJson.TextOf(entry["state"]) ?? "",
                    KubeJson.TextOf(entry["fault"]),
                    KubeJson.TextOf(entry["message"]))),
            ]);
    }
}
