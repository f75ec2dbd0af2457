using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>
/// Scenario 10. Every namespace of these tests asks for the restricted Pod Security Standard, so that a cluster that enforces it
/// (1.23 and later) refuses what breaks it; what others let in is checked here by the same rules.
/// </summary>
public sealed class PodSecurityTests(ClusterFixture cluster)
{
    [Fact]
    public async Task EveryPodOfOurs_RestrictedProfile_IsKept()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await TestNamespace.CreateAsync(cluster, "pod-security");
        await space.ReadyEmulatorAsync("default", "security-project");
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        await space.LogOfEndedPodAsync("client");

        IReadOnlyList<JsonObject> pods = [.. await cluster.OperatorPodsAsync(cancellation), .. await space.ListAsync("pods")];

        Assert.Equal(2, pods.Count(pod => pod.Name.StartsWith("mds-operator-", StringComparison.Ordinal)));
        Assert.Contains(pods, pod => pod.Name.StartsWith("mds-default-", StringComparison.Ordinal));
        Assert.All(pods, pod => Assert.Empty(RestrictedProfile.Violations(pod)));
    }

    [Fact]
    public void Violations_OfAPodThatKeepsNoRule_AreAllNamed()
    {
        var pod = JsonNode.Parse(
            """
            {"spec": {
              "hostNetwork": true,
              "volumes": [{"name": "root", "hostPath": {"path": "/"}}],
              "containers": [{
                "name": "bad", "ports": [{"containerPort": 80, "hostPort": 80}],
                "securityContext": {"privileged": true, "runAsUser": 0, "capabilities": {"add": ["SYS_ADMIN"]}}}]}}
            """)!.AsObject();

        Assert.Equal(
            [
                "hostNetwork is true",
                "volume root is a hostPath",
                "container bad: privileged is true",
                "container bad: allowPrivilegeEscalation is not false",
                "container bad: runAsNonRoot is not true",
                "container bad: runAsUser is 0",
                "container bad: seccompProfile.type is neither RuntimeDefault nor Localhost",
                "container bad: capabilities.drop does not name ALL",
                "container bad: capabilities.add names more than NET_BIND_SERVICE",
                "container bad: uses a hostPort",
            ],
            RestrictedProfile.Violations(pod));
    }
}
