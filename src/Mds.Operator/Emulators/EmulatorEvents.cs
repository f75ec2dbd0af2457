using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>Which events a change of status is worth: a function of the status before and after.</summary>
internal static partial class EmulatorEvents
{
    /// <summary>The reason of the event that names the endpoint.</summary>
    public const string EndpointAssigned = "EndpointAssigned";

    /// <summary>The reason of the event that names another endpoint than before.</summary>
    public const string EndpointChanged = "EndpointChanged";

    private static readonly string[] Aspects = ["Available", "ClaimsValid", "CredentialsValid"];

    /// <summary>Finds them.</summary>
    public static IReadOnlyList<(EventType Type, string Reason, string Message)> Between(JsonObject before, JsonObject after)
    {
        var events = new List<(EventType, string, string)>();
        var host = KubeJson.TextOf(after["endpoint"]?["host"]);
        var hostBefore = KubeJson.TextOf(before["endpoint"]?["host"]);
        if (host is not null && host != hostBefore)
        {
            events.Add(hostBefore is null
                ? (EventType.Normal, EndpointAssigned, $"Pods reach the server at {host}.")
                : (EventType.Warning, EndpointChanged, $"The address is {host} now. Pods injected before still ask {hostBefore}: restart them."));
        }

        foreach (var aspect in Aspects)
        {
            Add(aspect, good: false);
        }

        // Ready repeats what another condition says, unless that is about the whole.
        var ready = EmulatorStatus.ConditionOf(after, "Ready");
        if (!Aspects.Any(aspect => Word(EmulatorStatus.ConditionOf(after, aspect)) == Word(ready) || Word(ready) == Reasons.RollingOut.Name))
        {
            Add("Ready", good: true);
        }

        return events;

        void Add(string type, bool good)
        {
            var now = EmulatorStatus.ConditionOf(after, type);
            var then = EmulatorStatus.ConditionOf(before, type);
            var status = KubeJson.TextOf(now?["status"]);
            var statusBefore = KubeJson.TextOf(then?["status"]);
            if (Word(now) == Word(then) && status == statusBefore && (IsCounted(type) || Sentence(now) == Sentence(then)))
            {
                return;
            }

            if (IsTold(now))
            {
                events.Add((EventType.Warning, Word(now), Text(now)));
            }
            else if (status == Reason.True && status != statusBefore && (good || IsTold(then)))
            {
                // That something heals is worth an event; that it is well from the start is not.
                events.Add((EventType.Normal, Word(now), Text(now)));
            }
        }
    }

    // Everything that begins is not there yet for a moment.
    private static bool IsTold(JsonObject? condition) =>
        KubeJson.TextOf(condition?["status"]) == Reason.False
        && Word(condition) != Reasons.ServerStarting.Name
        && Word(condition) != Reasons.EndpointPending.Name
        && Word(condition) != Reasons.EndpointNotRouted.Name;

    // Their sentences count pods, and change with every one.
    private static bool IsCounted(string type) => type is "Available" or "Ready";

    // Which pod says it does not matter.
    private static string Sentence(JsonObject? condition) => Pod().Replace(Text(condition), "");

    private static string Word(JsonObject? condition) => KubeJson.TextOf(condition?["reason"]) ?? "";

    private static string Text(JsonObject? condition) => KubeJson.TextOf(condition?["message"]) ?? "";

    [GeneratedRegex(@"(^Pod \S+: | \(pod \S+\))")]
    private static partial Regex Pod();
}
