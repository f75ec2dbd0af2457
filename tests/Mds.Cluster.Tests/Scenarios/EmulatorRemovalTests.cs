using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 9, first half: an emulator goes.</summary>
public sealed class EmulatorRemovalTests(ClusterFixture cluster)
{
    [Fact]
    public async Task EmulatorDeleted_ItsObjectsGo_AndANewLabelledPodIsRefusedWithTheSentence()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await TestNamespace.CreateAsync(cluster, "emulator-removal");
        var before = await ObjectSnapshot.TakeAsync(cluster, cancellation);
        await space.ReadyEmulatorAsync("default", "removal-project");
        Assert.Contains((await ObjectSnapshot.TakeAsync(cluster, cancellation)).Since(before), Here);

        await space.KubectlAsync("delete", "mde/default");

        await Until.HoldsAsync(
            "nothing of the emulator is left",
            async () => string.Join('\n', (await ObjectSnapshot.TakeAsync(cluster, cancellation)).Since(before).Where(Here)),
            left => left.Length == 0, cancellation);
        var refusal = await Until.HoldsAsync(
            "a labelled pod is refused",
            () => cluster.Kubectl.TryAsync(ClientPods.Pod(cluster, "client", labelled: true), cancellation, "create", "--namespace", space.Name, "-f", "-"),
            created => !created.Succeeded, cancellation);
        Assert.Contains($"namespace {space.Name} has no MetadataEmulator", refusal.Error, StringComparison.Ordinal);
        Assert.Contains("kubectl apply", refusal.Error, StringComparison.Ordinal);
        await space.CreateAsync(ClientPods.Pod(cluster, "unlabelled", labelled: false, "true"));

        bool Here(string name) => name.Split(' ')[1] == space.Name;
    }
}
