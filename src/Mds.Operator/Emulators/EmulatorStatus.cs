using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>An emulator's status, as a function of what was observed.</summary>
internal static class EmulatorStatus
{
    /// <summary>Builds it.</summary>
    /// <param name="emulator">The emulator.</param>
    /// <param name="observed">What was observed.</param>
    /// <param name="previous">The status before, for what is kept and for the times of transition.</param>
    /// <param name="now">The time of what changes.</param>
    public static JsonObject Build(Emulator emulator, Observation observed, JsonObject previous, DateTimeOffset now)
    {
        var endpoint = EndpointOf(observed.Service) ?? emulator.Endpoint;
        var blocked = Blocked(emulator);
        var available = Available(emulator, observed, endpoint, blocked);
        var claims = Claims(observed);
        var credentials = Credentials(emulator, observed);
        var ready = blocked
            ?? observed.Obstacle
            // Claims first: a server that was never given any good ones does not start, and that alone says nothing.
            ?? FirstOf(Reason.False, claims)
            // So does one whose credential keeps it from being ready: a TPM that refused a password is not asked again.
            // One that was restarted long ago still has its last words; what it says now counts for more.
            ?? (available.Reason == Reasons.ServerStarting || available.Reason == Reasons.ServerCrashing ? FirstOf(Reason.False, credentials) : null)
            ?? FirstOf(Reason.False, available, credentials)
            ?? RollingOut(emulator, observed)
            ?? FirstOf(Reason.Unknown, claims, available, credentials)
            ?? new Finding(Reasons.Ready, $"Pods reach it at {endpoint?.Host}.");

        var status = new JsonObject { ["observedGeneration"] = emulator.Generation };
        if (endpoint is not null)
        {
            status["endpoint"] = new JsonObject { ["host"] = endpoint.Host, ["ip"] = endpoint.Ip, ["port"] = endpoint.Port };
        }

        if (Principal(emulator, observed, previous) is { } principal)
        {
            status["principal"] = principal;
        }

        if (KeyFingerprint(emulator, observed, previous) is { } fingerprint)
        {
            status["keyFingerprint"] = fingerprint;
        }

        status["conditions"] = new JsonArray(
            Condition("Ready", ready),
            Condition("Available", available),
            Condition("ClaimsValid", claims),
            Condition("CredentialsValid", credentials));
        return status;

        JsonObject Condition(string type, Finding finding)
        {
            var before = ConditionOf(previous, type);
            var since = KubeJson.TextOf(before?["status"]) == finding.Reason.Status ? KubeJson.TextOf(before?["lastTransitionTime"]) : null;
            return new JsonObject
            {
                ["type"] = type,
                ["status"] = finding.Reason.Status,
                ["observedGeneration"] = emulator.Generation,
                ["lastTransitionTime"] = since ?? now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["reason"] = finding.Reason.Name,
                ["message"] = Cut(finding.Message),
            };
        }
    }

    /// <summary>One condition of a status, or null.</summary>
    public static JsonObject? ConditionOf(JsonObject status, string type) =>
        (status["conditions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(condition => KubeJson.TextOf(condition["type"]) == type);

    /// <summary>What in the specification forbids to touch the server, if anything.</summary>
    public static Finding? Blocked(Emulator emulator) => emulator switch
    {
        { Problems: { Length: > 0 } problems } => new Finding(Reasons.SpecInvalid, string.Join(" ", problems)),
        { Unsupported: { Length: > 0 } unsupported } => new Finding(Reasons.NotSupportedYet, string.Join(" ", unsupported)),
        _ => null,
    };

    private static EmulatorEndpoint? EndpointOf(JsonObject? service) =>
        KubeJson.TextOf(service?["spec"]?["clusterIP"]) is { Length: > 0 } ip and not "None" ? new EmulatorEndpoint(ip, 80) : null;

    private static Finding Available(Emulator emulator, Observation observed, EmulatorEndpoint? endpoint, Finding? blocked)
    {
        if (observed.Deployment is null && blocked is not null)
        {
            return new Finding(blocked.Reason, $"No server was deployed. {blocked.Message}");
        }

        if (endpoint is null)
        {
            return new Finding(Reasons.EndpointPending, $"The Service {emulator.ObjectName} has no address yet.");
        }

        var ready = observed.Pods.Count(pod => pod.Ready);
        var count = string.Create(CultureInfo.InvariantCulture, $"{ready} of {emulator.Replicas} server pods are ready.");
        var trouble = observed.Pods.FirstOrDefault(pod => !pod.Ready && pod.Trouble is not null)?.Trouble ?? Refused(observed.Deployment);
        if (ready > 0 && !observed.Pods.Any(pod => pod.Ready && observed.Routed.Contains(pod.Name)))
        {
            return new Finding(Reasons.EndpointNotRouted, $"{count} The Service {emulator.ObjectName} leads to none of them yet.");
        }

        if (ready > 0)
        {
            return new Finding(Reasons.ServerReady, trouble is null ? count : $"{count} {trouble.Message}");
        }

        return emulator.Replicas == 0
            ? new Finding(Reasons.ScaledToZero, "spec.deployment.replicas is 0: there is no server pod.")
            : new Finding(trouble?.Reason ?? Reasons.ServerStarting, trouble is null ? count : $"{count} {trouble.Message}");
    }

    private static Finding? Refused(JsonObject? deployment) =>
        deployment?["status"] is JsonObject status
        && ConditionOf(status, "ReplicaFailure") is { } failure
        && KubeJson.TextOf(failure["status"]) == Reason.True
            ? new Finding(Reasons.PodsRefused, $"Pods are refused: {KubeJson.TextOf(failure["message"])}")
            : null;

    private static Finding Claims(Observation observed)
    {
        if (observed.Claims.Reason != Reasons.ClaimsAccepted)
        {
            return observed.Claims;
        }

        var refusing = observed.Pods.FirstOrDefault(pod => pod.Report?.ClaimsError is not null);
        return refusing is null
            ? observed.Claims
            : new Finding(Reasons.ClaimsRejected, $"Pod {refusing.Name}: {refusing.Report!.ClaimsError}");
    }

    private static Finding Credentials(Emulator emulator, Observation observed)
    {
        if (emulator.Credentials.IsEmpty)
        {
            return new Finding(Reasons.NoCredentials, "No account has a credential: metadata is answered, tokens are not.");
        }

        var pods = Current(observed);
        var reports = pods.Where(pod => pod.Report is not null)
            .SelectMany(pod => pod.Report!.Credentials.Select(credential => (Pod: pod.Name, Credential: credential)))
            .ToList();
        // Worst first; what one pod could not find out, another may have.
        foreach (var reason in (Reason[])[Reasons.CredentialsRejected, Reasons.CredentialsUnusable, Reasons.AccountMissing, Reasons.IssuerUnavailable])
        {
            if (reports.Where(report => report.Credential.Reason == reason).ToList() is { Count: > 0 } bad)
            {
                return new Finding(reason, string.Join(" ", bad.DistinctBy(report => report.Credential.Account).Select(report =>
                    $"Account {Named(emulator, report.Credential.Account)}: {report.Credential.Message ?? "no reason given."} (pod {report.Pod})")));
            }
        }

        if (pods.Find(pod => pod.Report?.CertificateError is not null) is { } bare)
        {
            return new Finding(
                Reasons.IssuerCertificateUnusable,
                $"The local issuer's port (Secret {emulator.IssuerTlsSecret}): {bare.Report!.CertificateError} (pod {bare.Name})");
        }

        var ready = pods.Where(pod => pod.Ready).ToList();
        if (ready.Count == 0)
        {
            return new Finding(Reasons.ServerNotReady, "No server pod is ready, so that none can be asked.");
        }

        if (ready.Find(pod => pod.Report is null) is { } silent)
        {
            return new Finding(Reasons.StatusUnreachable, $"Pod {silent.Name}: {silent.ReportFailure ?? "it has no port called admin."}");
        }

        return reports.FirstOrDefault(report => report.Credential.Reason == Reasons.CredentialsUntried) is (_, { } untried)
            ? new Finding(Reasons.CredentialsUntried, $"Account {untried.Account}: no token has been asked for yet.")
            : new Finding(Reasons.CredentialsAccepted, "Every account's credential has got a token.");
    }

    // A server knows files; a person knows the Secret they come from.
    private static string Named(Emulator emulator, string account) =>
        emulator.Credentials.FirstOrDefault(credential => credential.Account == account) is { Secrets: { IsEmpty: false } files }
            ? $"{account} ({string.Join(", ", files.Select(file => $"Secret {file.Secret.Name}, key {file.Secret.Key}"))})"
            : account;

    // While pods are replaced, the earlier ones speak of earlier credentials: they count only when there are no others. A pod
    // that is not ready counts when it says what keeps it.
    private static List<ServerPod> Current(Observation observed)
    {
        var speaking = observed.Pods.Where(pod => pod.Ready || HasFailed(pod)).ToList();
        var current = speaking.Where(pod => pod.SettingsHash == observed.SettingsHash).ToList();
        return current.Count > 0 ? current : speaking;
    }

    private static bool HasFailed(ServerPod pod) => pod.Report?.Credentials.Any(credential => credential.Reason.Status == Reason.False) ?? false;

    private static Finding? RollingOut(Emulator emulator, Observation observed)
    {
        if (observed.Deployment is not { } deployment)
        {
            return new Finding(Reasons.RollingOut, $"The Deployment {emulator.ObjectName} is not there yet.");
        }

        var status = deployment["status"] as JsonObject;
        var updated = Number(status?["updatedReplicas"]);
        if (Number(status?["observedGeneration"]) >= Number(deployment["metadata"]?["generation"])
            && updated >= emulator.Replicas
            && Number(status?["replicas"]) <= updated)
        {
            return null;
        }

        var trouble = observed.Pods.FirstOrDefault(pod => pod.Trouble is not null)?.Trouble ?? Refused(deployment);
        var count = string.Create(CultureInfo.InvariantCulture, $"{updated} of {emulator.Replicas} server pods are of the current specification.");
        return new Finding(Reasons.RollingOut, trouble is null ? count : $"{count} {trouble.Message}");
    }

    private static string? Principal(Emulator emulator, Observation observed, JsonObject previous)
    {
        if (emulator.Credentials.IsEmpty)
        {
            return null;
        }

        return Told(observed, credential => credential.Principal) is { Length: <= MetadataEmulatorSchema.EmailLength } principal
            ? principal
            : KubeJson.TextOf(previous["principal"]);
    }

    // Whoever compares it with a key trusts it: nothing of an earlier key is kept once a server of these settings spoke.
    private static string? KeyFingerprint(Emulator emulator, Observation observed, JsonObject previous) =>
        emulator.Credentials.IsEmpty ? null
        : Told(observed, credential => credential.KeyFingerprint) is { Length: MetadataEmulatorSchema.FingerprintLength } fingerprint ? fingerprint
        : Current(observed).Any(pod => pod.Report is not null && pod.SettingsHash == observed.SettingsHash) ? null
        : KubeJson.TextOf(previous["keyFingerprint"]);

    // Of the account "default" rather than of another.
    private static string? Told(Observation observed, Func<CredentialReport, string?> what)
    {
        var credentials = Current(observed).Where(pod => pod.Report is not null).SelectMany(pod => pod.Report!.Credentials)
            .Where(credential => what(credential) is not null).ToList();
        return (credentials.Find(credential => credential.Account == "default") ?? credentials.FirstOrDefault()) is { } told ? what(told) : null;
    }

    private static Finding? FirstOf(string status, params ReadOnlySpan<Finding> findings)
    {
        foreach (var finding in findings)
        {
            if (finding.Reason.Status == status)
            {
                return finding;
            }
        }

        return null;
    }

    // Keys of claims and words of others are in messages; one that the schema refuses would be a status nobody ever sees.
    private static string Cut(string message) =>
        message.Length <= MetadataEmulatorSchema.SentenceLength ? message : $"{message[..(MetadataEmulatorSchema.SentenceLength - 1)]}…";

    private static long Number(JsonNode? node) =>
        node is not null && long.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
