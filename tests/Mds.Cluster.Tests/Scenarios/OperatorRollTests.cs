using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 7: the operator rolls to its next version while pods are created.</summary>
public sealed class OperatorRollTests(ClusterFixture cluster)
{
    private const int Pods = 100;

    /// <summary>Spreads the pods over the roll, however long it takes; a node has room for no more than some 200.</summary>
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(200);

    private const int AtMost = 180;

    [Fact]
    public async Task OperatorRolls_HundredLabelledPodsMeanwhile_NoneRefusedNoneWithoutVariables()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await TestNamespace.CreateAsync(cluster, "operator-roll");
        await space.ReadyEmulatorAsync("default", "roll-project");
        var before = (await cluster.OperatorPodsAsync(cancellation)).Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);

        var roll = cluster.Helm.RunAsync(
            cancellation,
            ["upgrade", ClusterFixture.Release, Path.Combine(ClusterFixture.Repository, "charts/mds"), "--wait", .. cluster.Values(cluster.NextTag)]);
        int created;
        try
        {
            created = await CreatePodsAsync(space, roll, cancellation);
        }
        finally
        {
            await roll;
        }

        var operators = await cluster.OperatorPodsAsync(cancellation);
        Assert.DoesNotContain(operators, pod => before.Contains(pod.Uid));
        Assert.All(operators, pod => Assert.EndsWith(cluster.NextTag, (string?)pod["spec"]!["containers"]![0]!["image"], StringComparison.Ordinal));

        var pods = await Until.HoldsAsync(
            $"all {created} pods have ended", () => space.ListAsync("pods", "-l", "test-client"),
            all => all.All(pod => pod.Phase is "Succeeded" or "Failed"), cancellation);
        Assert.Equal(created, pods.Count);
        Assert.All(pods, pod =>
        {
            Assert.Equal(ClientPods.Variables, pod.VariablesOf(0));
            Assert.Equal("Succeeded", pod.Phase);
        });
    }

    /// <summary>Creates pods as long as the roll lasts, and says how many.</summary>
    private async Task<int> CreatePodsAsync(TestNamespace space, Task roll, CancellationToken cancellation)
    {
        var created = 0;
        using var pace = new PeriodicTimer(Pace);
        while ((created < Pods || !roll.IsCompleted) && created < AtMost && await pace.WaitForNextTickAsync(cancellation))
        {
            // Throws with the webhook's sentence, or the API server's, where a pod is refused.
            await space.CreateAsync(ClientPods.Pod(cluster, $"client-{created++}", labelled: true, "test -n \"$GCE_METADATA_HOST\""));
        }

        return created;
    }
}
