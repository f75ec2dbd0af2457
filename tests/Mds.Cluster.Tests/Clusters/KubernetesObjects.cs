using System.Text.Json.Nodes;

namespace Mds.Cluster.Tests.Clusters;

/// <summary>How tests read objects.</summary>
public static class KubernetesObjects
{
    extension(JsonObject subject)
    {
        public string Name => (string)subject["metadata"]!["name"]!;

        public string Uid => (string)subject["metadata"]!["uid"]!;

        public string? Phase => (string?)subject["status"]?["phase"];

        /// <summary>How often a pod's containers were started again, altogether.</summary>
        public int Restarts => (subject["status"]?["containerStatuses"] as JsonArray ?? []).Sum(status => (int)status!["restartCount"]!);

        /// <summary>The names of the environment variables that the container, or init container, has in its specification.</summary>
        public IReadOnlyList<string> VariablesOf(int container, string list = "containers") =>
            [.. (subject["spec"]![list]![container]!["env"] as JsonArray ?? []).Select(variable => (string)variable!["name"]!)];

        public Condition Condition(string type)
        {
            var found = (subject["status"]?["conditions"] as JsonArray ?? []).FirstOrDefault(one => (string?)one!["type"] == type);
            return new((string?)found?["status"], (string?)found?["reason"], (string?)found?["message"]);
        }
    }
}
