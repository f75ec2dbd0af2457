using Mds.Cluster.Tests.Clusters;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 9, second half; the last of all tests.</summary>
public sealed class UninstallTests(ClusterFixture cluster)
{
    [Fact]
    public async Task HelmUninstall_WithAnEmulator_LeavesTheDefinitionAndItsObjectsOnly()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await cluster.Kubectl.RunAsync(cancellation, "delete", "namespaces", "-l", TestNamespace.Label, "--timeout=4m");
        var kept = await cluster.GetAsync(cancellation, "mde/default", "-n", "default");

        await cluster.Helm.RunAsync(cancellation, "uninstall", ClusterFixture.Release, "--namespace", ClusterFixture.Namespace, "--wait", "--timeout", "4m");

        // What the emulator owns is the emulator's: it goes on answering until the emulator is deleted.
        await Until.HoldsAsync(
            "nothing but the definition and its objects is left",
            async () => string.Join('\n', (await ObjectSnapshot.TakeAsync(cluster, cancellation)).Since(cluster.Before).Where(name => !MayStay(name))),
            left => left.Length == 0, cancellation);
        Assert.Equal(kept.Uid, (await cluster.GetAsync(cancellation, "mde/default", "-n", "default")).Uid);
    }

    private static bool MayStay(string name) =>
        name == "CustomResourceDefinition <none> metadataemulators.mds.dev"
        || name == "MetadataEmulator default default"
        || name.Split(' ') is [_, "default", var owned] && (owned == "mds-default" || owned.StartsWith("mds-default-", StringComparison.Ordinal));
}
