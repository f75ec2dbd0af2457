using Mds.Cluster.Tests.Clusters;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 1: from <c>helm install</c> to an emulator.</summary>
public sealed class InstallationTests(ClusterFixture cluster)
{
    [Fact]
    public async Task HelmInstall_SampleApplied_GetShowsItReadyWithItsEndpoint()
    {
        var cancellation = TestContext.Current.CancellationToken;
        var sample = Path.Combine(ClusterFixture.Repository, "deploy/emulator.yaml");
        await cluster.Kubectl.RunAsync(cancellation, "apply", "-f", sample);

        var emulator = await Until.HoldsAsync(
            "the sample is Ready", () => cluster.GetAsync(cancellation, "-n", "default", "mde/default"),
            seen => seen.Condition("Ready").IsTrue, cancellation);

        var service = await cluster.GetAsync(cancellation, "-n", "default", "service/mds-default");
        var endpoint = $"{service["spec"]!["clusterIP"]}:80";
        Assert.Equal(endpoint, (string?)emulator["status"]!["endpoint"]!["host"]);
        foreach (var condition in new[] { "Available", "ClaimsValid", "CredentialsValid" })
        {
            Assert.True(emulator.Condition(condition).IsTrue, emulator["status"]!.ToJsonString());
        }

        var lines = (await cluster.Kubectl.RunAsync(cancellation, "get", "mde", "-n", "default", "-o", "wide"))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] Cells(int line) => lines[line].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["NAME", "READY", "REASON", "CREDENTIALS", "ENDPOINT", "PRINCIPAL"], Cells(0)[..6]);
        Assert.Equal(["default", "True", "Ready", "CredentialsAccepted", endpoint, "app@my-project.iam.gserviceaccount.com"], Cells(1)[..6]);
    }

    [Fact]
    public async Task HelmTest_AfterInstallation_Succeeds() => await cluster.Helm.RunAsync(
        TestContext.Current.CancellationToken, "test", ClusterFixture.Release, "--namespace", ClusterFixture.Namespace, "--timeout", "3m");
}
