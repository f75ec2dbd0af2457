using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenarios 2 and 4: what a label changes for a program that uses Google's Python client.</summary>
public sealed class InjectionTests(ClusterFixture cluster)
{
    [Fact]
    public async Task LabelledPod_PythonClient_FindsCredentialsProjectAndTokens()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "labelled-pod");
        var emulator = await space.ReadyEmulatorAsync("default", "labelled-project");

        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        var report = ClientReport.Parse(await space.LogOfEndedPodAsync("client"));

        Assert.Equal("google.auth.compute_engine.credentials.Credentials", report.Credentials);
        Assert.Equal("labelled-project", report.Project);
        Assert.Equal(ClientPods.Account("labelled-project"), report.Account);
        Assert.InRange(report.AccessTokenLength, 32, 4096);
        Assert.InRange(report.AccessTokenExpiry, DateTimeOffset.UtcNow.AddMinutes(5), DateTimeOffset.UtcNow.AddMinutes(61));
        Assert.Equal("RS256", (string?)report.IdentityTokenHeader["alg"]);
        Assert.Equal(ClientPods.Audience, (string?)report.IdentityTokenClaims["aud"]);
        Assert.Equal(ClientPods.Account("labelled-project"), (string?)report.IdentityTokenClaims["email"]);
        var pod = await space.GetAsync("pod/client");
        Assert.Equal(ClientPods.Variables, pod.VariablesOf(0));
        Assert.Equal((string?)emulator["status"]!["endpoint"]!["host"], (string?)pod["spec"]!["containers"]![0]!["env"]![0]!["value"]);
        Assert.NotNull(pod["metadata"]!["annotations"]!["mds.dev/status"]);
    }

    [Fact]
    public async Task PodWithoutLabel_SamePod_HasNoVariableAtAll()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "unlabelled-pod");
        await space.ReadyEmulatorAsync("default", "unlabelled-project");

        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: false, "env"));
        var variables = (await space.LogOfEndedPodAsync("client")).Split('\n').Select(line => line.Split('=')[0]);

        Assert.Empty(variables.Intersect(ClientPods.Variables));
        var pod = await space.GetAsync("pod/client");
        Assert.Empty(pod.VariablesOf(0));
        Assert.Null(pod["metadata"]!["annotations"]?["mds.dev/status"]);
    }

    [Fact]
    public async Task LabelledJob_InitContainerAndContainer_BothAreAnswered()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "labelled-job");
        await space.ReadyEmulatorAsync("default", "job-project");

        await space.CreateAsync(
            $$"""
            apiVersion: batch/v1
            kind: Job
            metadata: {name: client}
            spec:
              backoffLimit: 0
              template:
                metadata:
                  labels: {test-client: "true", mds.inject: "true"}
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault} }
                  initContainers: [{{ClientPods.Container(cluster, "first")}}]
                  containers: [{{ClientPods.Container(cluster, "second")}}]
            """);

        await space.UntilAsync("job/client", "completes", job => job.Condition("Complete").IsTrue);
        foreach (var container in new[] { "first", "second" })
        {
            var report = ClientReport.Parse(await space.KubectlAsync("logs", "job/client", "--container", container));
            Assert.Equal("job-project", report.Project);
        }
    }
}
