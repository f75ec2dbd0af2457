using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 5: changed claims reach pods that run, broken ones do not.</summary>
public sealed class ClaimsTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Patch_OfAClaim_IsReadInThePodWithoutAnyRestart()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "changed-claims");
        await space.ReadyEmulatorAsync("default", "claims-project");
        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);
        var servers = await ServersAsync(space);
        Assert.Equal("blue", await ColourAsync(space));

        await space.KubectlAsync("patch", "mde/default", "--type=merge", "--patch", """{"spec":{"claims":{"instance":{"attributes":{"colour":"green"}}}}}""");
        await UntilColourAsync(space, "green");

        await space.KubectlAsync("patch", "mde/default", "--type=merge", "--patch", """{"spec":{"claims":{"project":{"projectId":17},"instance":{"attributes":{"colour":"red"}}}}}""");
        var emulator = await space.UntilAsync("mde/default", "says that its claims are invalid", seen => seen.Condition("ClaimsValid").IsFalse);
        Assert.Contains("$.spec.claims.project.projectId", emulator.Condition("ClaimsValid").Message, StringComparison.Ordinal);
        Assert.Equal("green", await ColourAsync(space));
        Assert.Equal("claims-project", await space.AskAsync("shell", "project/project-id"));

        await space.KubectlAsync("patch", "mde/default", "--type=merge", "--patch", """{"spec":{"claims":{"project":{"projectId":"claims-project"}}}}""");
        await UntilColourAsync(space, "red");
        await space.UntilAsync("mde/default", "is Ready again", seen => seen.Condition("Ready").IsTrue);
        Assert.Equal(servers, await ServersAsync(space));
    }

    private static Task<string> ColourAsync(TestNamespace space) => space.AskAsync("shell", "instance/attributes/colour");

    private static Task<string> UntilColourAsync(TestNamespace space, string colour) => Until.HoldsAsync(
        $"the pod reads {colour}", () => ColourAsync(space), seen => seen == colour, TestContext.Current.CancellationToken);

    /// <summary>The server's pods and how often they were restarted.</summary>
    private static async Task<IReadOnlyList<string>> ServersAsync(TestNamespace space) =>
        [.. (await space.ListAsync("pods", "-l", "mds.dev/emulator=default")).Select(pod => $"{pod.Uid} {pod.Restarts}")];
}
