using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>What a server says of itself at <c>/status</c>.</summary>
/// <param name="ClaimsError">What is wrong with the claims it was last given; null when nothing is.</param>
/// <param name="CertificateError">What is wrong with the certificate of its issuer's port; null when nothing is.</param>
/// <param name="Credentials">What it says of each credential.</param>
internal sealed record ServerReport(string? ClaimsError, string? CertificateError, ImmutableArray<CredentialReport> Credentials)
{
    /// <summary>Reads one; null when it is none.</summary>
    public static ServerReport? Read(JsonNode? json)
    {
        if (json is not JsonObject { } report || report["claims"] is not JsonObject claims || report["credentials"] is not JsonArray credentials)
        {
            return null;
        }

        return new ServerReport(
            IsValid(claims) ? null : KubeJson.TextOf(claims["error"]) ?? "The claims are not valid.",
            (report["certificates"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(certificate => !IsValid(certificate)) is { } refused
                ? KubeJson.TextOf(refused["error"]) ?? "The certificate is not valid."
                : null,
            [
                .. credentials.OfType<JsonObject>().Select(entry => new CredentialReport(
                    KubeJson.TextOf(entry["account"]) ?? "",
                    KubeJson.TextOf(entry["principal"]),
                    KubeJson.TextOf(entry["state"]) ?? "",
                    KubeJson.TextOf(entry["fault"]),
                    KubeJson.TextOf(entry["message"]),
                    KubeJson.TextOf(entry["keyFingerprint"]))),
            ]);
    }

    private static bool IsValid(JsonObject part) => part["valid"] is JsonValue value && value.TryGetValue(out bool valid) && valid;
}
