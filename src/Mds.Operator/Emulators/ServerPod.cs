using System.Globalization;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>What the cluster says of one server pod, and the pod of itself.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Ready">Whether it gets requests.</param>
/// <param name="SettingsHash">Which settings it was started with.</param>
/// <param name="Trouble">What keeps it from running, when the cluster says so.</param>
/// <param name="StatusAddress">Where it can be asked; null while it has no address.</param>
internal sealed record ServerPod(string Name, bool Ready, string? SettingsHash, Finding? Trouble, Uri? StatusAddress)
{
    /// <summary>Whether its server runs, so that it can say why it is not ready.</summary>
    public bool Running { get; init; }

    /// <summary>What it said; null when it was not asked, or did not answer.</summary>
    public ServerReport? Report { get; init; }

    /// <summary>Why it did not answer.</summary>
    public string? ReportFailure { get; init; }

    /// <summary>Reads one.</summary>
    /// <param name="pod">The pod, raw.</param>
    public static ServerPod Read(JsonObject pod)
    {
        var name = KubeJson.NameOf(pod);
        var status = pod["status"] as JsonObject;
        var staying = pod["metadata"]?["deletionTimestamp"] is null;
        var ready = KubeJson.TextOf(Condition(status, "Ready")?["status"]) == "True" && staying;
        var running = (status?["containerStatuses"] as JsonArray ?? []).Any(container => container?["state"]?["running"] is not null);
        return new ServerPod(
            name, ready, KubeJson.AnnotationOf(pod, WellKnown.SettingsHashAnnotation), TroubleOf(name, status), AddressOf(pod, status))
        {
            Running = ready || (running && staying),
        };
    }

    private static Finding? TroubleOf(string name, JsonObject? status)
    {
        foreach (var container in status?["containerStatuses"] as JsonArray ?? [])
        {
            var state = container?["state"];
            var waiting = KubeJson.TextOf(state?["waiting"]?["reason"]);
            var message = KubeJson.TextOf(state?["waiting"]?["message"]);
            var terminated = state?["terminated"];
            var last = container?["lastState"]?["terminated"];
            switch (waiting)
            {
                case "ImagePullBackOff" or "ErrImagePull" or "InvalidImageName" or "ErrImageNeverPull" or "ImageInspectError":
                    return new Finding(Reasons.ImagePullFailed, Sentence(name, waiting, message));
                case "CrashLoopBackOff":
                    return new Finding(Reasons.ServerCrashing, LastWords(name, last));
                case null when terminated is not null:
                    return new Finding(Reasons.ServerCrashing, LastWords(name, terminated));
                case null when last is not null && IsFalse(container?["ready"]):
                    // Between two crashes it runs for a moment; that is no news.
                    return new Finding(Reasons.ServerCrashing, LastWords(name, last));
                case not (null or "ContainerCreating" or "PodInitializing"):
                    return new Finding(Reasons.ContainerNotStarted, Sentence(name, waiting, message));
            }
        }

        return Condition(status, "PodScheduled") is { } scheduled && KubeJson.TextOf(scheduled["reason"]) == "Unschedulable"
            ? new Finding(Reasons.PodUnschedulable, Sentence(name, "no node takes it", KubeJson.TextOf(scheduled["message"])))
            : null;
    }

    private static string LastWords(string name, JsonNode? terminated)
    {
        var code = terminated?["exitCode"]?.ToJsonString() ?? "?";
        var message = KubeJson.TextOf(terminated?["message"])?.Trim();
        var reason = KubeJson.TextOf(terminated?["reason"]);
        return string.IsNullOrEmpty(message)
            ? $"Pod {name}: the server ended with exit code {code} ({reason ?? "no reason given"})."
            : $"Pod {name}: the server ended with exit code {code}: {Tail(message)}";
    }

    // The end of a log says why a program ended; the kubelet hands over up to 4 KiB of it.
    private static string Tail(string message) => message.Length <= 1024 ? message : $"…{message[^1024..]}";

    private static string Sentence(string name, string reason, string? message) =>
        string.IsNullOrEmpty(message) ? $"Pod {name}: {reason}." : $"Pod {name}: {reason}: {message}";

    private static Uri? AddressOf(JsonObject pod, JsonObject? status)
    {
        if (KubeJson.TextOf(status?["podIP"]) is not { Length: > 0 } ip)
        {
            return null;
        }

        var port = (pod["spec"]?["containers"] as JsonArray ?? [])
            .SelectMany(container => container?["ports"] as JsonArray ?? [])
            .FirstOrDefault(candidate => KubeJson.TextOf(candidate?["name"]) == ServerDeployment.AdminPortName)?["containerPort"];
        return port is null
            ? null
            : new Uri(string.Create(CultureInfo.InvariantCulture, $"http://{(ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip)}:{port.ToJsonString()}/status"));
    }

    private static bool IsFalse(JsonNode? node) => node is JsonValue value && value.TryGetValue(out bool holds) && !holds;

    private static JsonObject? Condition(JsonObject? status, string type) =>
        (status?["conditions"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(condition => KubeJson.TextOf(condition["type"]) == type);
}
