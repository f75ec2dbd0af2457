using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;
using Mds.Cluster.Tests.Programs;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 6: what was asked for comes to be, whatever dies meanwhile.</summary>
public sealed class DisturbanceTests(ClusterFixture cluster)
{
    [Fact]
    public async Task OperatorKilled_WhileAnEmulatorIsCreated_EverythingConverges()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "operator-killed");
        var creation = space.ApplyAsync(ClientPods.Emulator("default", "killed-project"));
        await KillOperatorsAsync();
        await creation;
        await ConvergesAsync(space, "killed-project");
    }

    [Fact]
    public async Task ApiServerRestarted_UnderTheOperatorWhileItIsKilled_EverythingConverges()
    {
        if (cluster.OwnCluster is null)
        {
            Assert.Skip("The API server of a cluster that is not the tests' own is not restarted. Without KUBECONFIG `make e2e` starts one.");
        }

        await using var space = await TestNamespace.CreateAsync(cluster, "apiserver-killed");
        await space.ApplyAsync(ClientPods.Emulator("default", "restart-project"));
        await KillOperatorsAsync();
        var program = new ExternalProgram(Path.Combine(ClusterFixture.Repository, "tests/cluster/one-node-cluster"));
        await program.RunAsync(TestContext.Current.CancellationToken, "restart-apiserver", cluster.OwnCluster);
        await space.ApplyAsync(ClientPods.Emulator("second", "restart-project"));
        await space.UntilAsync("mde/second", "is Ready", seen => seen.Condition("Ready").IsTrue);
        await ConvergesAsync(space, "restart-project");
    }

    private Task<string> KillOperatorsAsync() => cluster.Kubectl.RunAsync(
        TestContext.Current.CancellationToken, "delete", "pods", "-n", ClusterFixture.Namespace, "-l", "app.kubernetes.io/component=operator",
        "--grace-period=0", "--force", "--wait=false");

    private async Task ConvergesAsync(TestNamespace space, string project)
    {
        await space.UntilAsync("mde/default", "is Ready", seen => seen.Condition("Ready").IsTrue);
        await cluster.Kubectl.RunAsync(
            TestContext.Current.CancellationToken, "rollout", "status", ClusterFixture.Operator, "-n", ClusterFixture.Namespace, "--timeout=4m");
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true, emulator: "default"));
        Assert.Equal(project, ClientReport.Parse(await space.LogOfEndedPodAsync("client")).Project);
    }
}
