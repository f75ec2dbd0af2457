using System.Text.Json.Nodes;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class ServerPodTests
{
    [Theory]
    [InlineData("""{"waiting": {"reason": "ErrImagePull", "message": "not found"}}""", "ImagePullFailed", "Pod p: ErrImagePull: not found")]
    [InlineData("""{"waiting": {"reason": "InvalidImageName"}}""", "ImagePullFailed", "Pod p: InvalidImageName.")]
    [InlineData("""{"waiting": {"reason": "RunContainerError", "message": "no seccomp"}}""", "ContainerNotStarted", "Pod p: RunContainerError: no seccomp")]
    [InlineData("""{"terminated": {"exitCode": 1, "reason": "Error", "message": "mds-server: no.\n"}}""", "ServerCrashing", "Pod p: the server ended with exit code 1: mds-server: no.")]
    [InlineData("""{"terminated": {"exitCode": 137, "reason": "OOMKilled"}}""", "ServerCrashing", "Pod p: the server ended with exit code 137 (OOMKilled).")]
    public void Read_ContainerInTrouble_IsTold(string state, string reason, string message)
    {
        var pod = Read($$"""{"containerStatuses": [{"state": {{state}} }]}""");

        Assert.False(pod.Ready);
        Assert.Equal(reason, pod.Trouble!.Reason.Name);
        Assert.Equal(message, pod.Trouble.Message);
    }

    [Fact]
    public void Read_CrashLoop_HasTheLastWords()
    {
        var pod = Read(
            """
            {"containerStatuses": [{
              "state": {"waiting": {"reason": "CrashLoopBackOff", "message": "back-off 40s"}},
              "lastState": {"terminated": {"exitCode": 2, "message": "mds-server: -port is no port."}}}]}
            """);

        Assert.Equal("Pod p: the server ended with exit code 2: mds-server: -port is no port.", pod.Trouble!.Message);
    }

    [Fact]
    public void Read_BetweenTwoCrashes_HasTheLastWordsStill()
    {
        var pod = Read("""{"containerStatuses": [{"ready": false, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 2, "message": "no."}}}]}""");

        Assert.Equal("Pod p: the server ended with exit code 2: no.", pod.Trouble!.Message);
    }

    [Theory]
    [InlineData("""{"containerStatuses": [{"ready": true, "state": {"running": {}}, "lastState": {"terminated": {"exitCode": 2}}}]}""")]
    [InlineData("""{}""")]
    [InlineData("""{"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}""")]
    [InlineData("""{"containerStatuses": [{"state": {"running": {}}}]}""")]
    [InlineData("""{"conditions": [{"type": "PodScheduled", "status": "True"}]}""")]
    public void Read_PodThatIsStarting_IsInNoTrouble(string status) => Assert.Null(Read(status).Trouble);

    [Fact]
    public void Read_PodNoNodeTakes_IsTold()
    {
        var pod = Read("""{"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "0/3 nodes are available."}]}""");

        Assert.Equal("PodUnschedulable", pod.Trouble!.Reason.Name);
        Assert.Contains("0/3 nodes", pod.Trouble.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"containerStatuses": [{"state": {"running": {}}}]}""", true)]
    [InlineData("""{"containerStatuses": [{"state": {"waiting": {"reason": "ContainerCreating"}}}]}""", false)]
    [InlineData("""{"conditions": [{"type": "Ready", "status": "True"}]}""", true)]
    [InlineData("""{}""", false)]
    public void Read_PodWhoseServerRuns_CanBeAsked(string status, bool running) => Assert.Equal(running, Read(status).Running);

    [Theory]
    [InlineData("10.0.0.7", "http://10.0.0.7:16176/status")]
    [InlineData("fd00::7", "http://[fd00::7]:16176/status")]
    public void Read_ReadyPod_HasItsAddress(string ip, string address)
    {
        var pod = Read($$"""{"podIP": "{{ip}}", "conditions": [{"type": "Ready", "status": "True"}]}""");

        Assert.True(pod.Ready);
        Assert.Equal(new Uri(address), pod.StatusAddress);
    }

    private static ServerPod Read(string status) => ServerPod.Read(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "p" },
        ["spec"] = JsonNode.Parse("""{"containers": [{"ports": [{"name": "metadata", "containerPort": 16175}, {"name": "admin", "containerPort": 16176}]}]}"""),
        ["status"] = JsonNode.Parse(status),
    });
}
