using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

public sealed class StatusTests(ControlPlaneFixture controlPlane, OperatorFixture @operator) : IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => @operator.StartAsync(controlPlane);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Report_RejectedCredential_IsToldByAccountAndHeals()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane,
            """{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "gcp-key", "key": "key.json"}}}]}""");
        var pod = await lab.RunPodAsync(ServerPodStandIn.Report(
            """[{"account": "default", "state": "Failed", "fault": "Rejected", "message": "The key was deleted."}]"""));

        Assert.Equal($"Account default (Secret gcp-key, key key.json): The key was deleted. (pod {pod.Name})", await lab.UntilAsync("CredentialsValid", Reasons.CredentialsRejected));
        await lab.UntilAsync("Ready", Reasons.CredentialsRejected);
        var warning = await lab.UntilEventAsync(Reasons.CredentialsRejected.Name);
        Assert.Equal("Warning", (string?)warning["type"]);

        pod.Say(ServerPodStandIn.Report("""[{"account": "default", "state": "Valid", "principal": "app@lab.iam.gserviceaccount.com"}]"""));

        await lab.UntilAsync("Ready", Reasons.Ready);
        await lab.UntilEventAsync(Reasons.CredentialsAccepted.Name);
    }

    [Fact]
    public async Task Pod_ReadyBeforeTheServiceLeadsToIt_IsNotReadyUntilItDoes()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");
        var pod = await lab.RunUnroutedPodAsync(ServerPodStandIn.Report());

        Assert.Contains("leads to none of them", await lab.UntilAsync("Available", Reasons.EndpointNotRouted), StringComparison.Ordinal);
        await lab.UntilAsync("Ready", Reasons.EndpointNotRouted);
        await lab.RouteAsync(pod);

        await lab.UntilAsync("Ready", Reasons.Ready);
        Assert.DoesNotContain(await lab.EventsAsync(), entry => (string?)entry["type"] == "Warning");
    }

    [Fact]
    public async Task Report_WorstOfSeveralPods_Counts()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"credentials": [{"account": "default", "local": {}}]}""");
        await lab.RunPodAsync(ServerPodStandIn.Report("""[{"account": "default", "state": "Valid"}]"""));
        var second = await lab.RunPodAsync(ServerPodStandIn.Report(
            """[{"account": "default", "state": "Failed", "fault": "Unusable", "message": "key.pem is no key."}]"""));

        Assert.Contains(second.Name, await lab.UntilAsync("CredentialsValid", Reasons.CredentialsUnusable), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_ServerRefusesTheClaims_IsTold()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");
        await lab.RunPodAsync("""{"claims": {"valid": false, "error": "claims.json, line 3: $.instance.id: must be a number."}, "credentials": []}""");

        Assert.Contains("$.instance.id", await lab.UntilAsync("ClaimsValid", Reasons.ClaimsRejected), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"waiting": {"reason": "ImagePullBackOff", "message": "no such image"}}""", nameof(Reasons.ImagePullFailed), "no such image")]
    [InlineData("""{"waiting": {"reason": "CreateContainerConfigError", "message": "no such key"}}""", nameof(Reasons.ContainerNotStarted), "no such key")]
    public async Task Pod_ThatDoesNotStart_IsTold(string state, string reason, string words)
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");
        var pod = await lab.RunPodAsync(ServerPodStandIn.Report());
        await pod.SetStatusAsync(
            $$"""{"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}], "containerStatuses": [{"name": "mds-server", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": {{state}}}]}""",
            _cancellation);

        var expected = Reasons.Table.SelectMany(entry => entry.Reasons).First(candidate => candidate.Name == reason);
        Assert.Contains(words, await lab.UntilAsync("Available", expected), StringComparison.Ordinal);
        await lab.UntilEventAsync(reason);
    }

    [Fact]
    public async Task ClaimsFrom_MissingThenBrokenThenGood_IsToldEachTime()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"claimsFrom": {"configMapKeyRef": {"name": "mine", "key": "metadata.json"}}}""");
        Assert.Contains("ConfigMap mine", await lab.UntilAsync("ClaimsValid", Reasons.ConfigMapNotFound), StringComparison.Ordinal);

        await WriteAsync(lab, "other.json", "{}");
        Assert.Contains("metadata.json", await lab.UntilAsync("ClaimsValid", Reasons.ConfigMapKeyNotFound), StringComparison.Ordinal);

        await WriteAsync(lab, "metadata.json", """{"project": 7}""");
        Assert.Contains("$.project", await lab.UntilAsync("ClaimsValid", Reasons.ClaimsInvalid), StringComparison.Ordinal);

        await WriteAsync(lab, "metadata.json", """{"project": {"projectId": "lab"}}""");
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);

        var deployment = await lab.UntilAsync(KubeResources.Deployments);
        Assert.Equal("mine", (string?)deployment["spec"]!["template"]!["spec"]!["volumes"]![1]!["configMap"]!["name"]);
    }

    [Fact]
    public async Task Status_NothingChanged_IsNotWritten()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");
        await lab.RunPodAsync(ServerPodStandIn.Report());
        await lab.UntilAsync("Ready", Reasons.Ready);
        var before = (await lab.ReadAsync()).Raw;

        // Something to reconcile that changes no condition; twice, because the status is written at the end of what repairs it.
        await RepairAsync(lab);
        await RepairAsync(lab);

        Assert.Equal(KubeJson.ResourceVersionOf(before), KubeJson.ResourceVersionOf((await lab.ReadAsync()).Raw));
    }

    [Fact]
    public async Task Health_RunningOperator_IsReadyAndMeasured()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        using var http = new HttpClient { BaseAddress = @operator.Health };

        Assert.Equal("ok\n", await http.GetStringAsync("/healthz", _cancellation));
        Assert.Equal("ok\n", await http.GetStringAsync("/readyz", _cancellation));
        var metrics = await http.GetStringAsync("/metrics", _cancellation);
        Assert.Contains("mds_operator_leader 1", metrics, StringComparison.Ordinal);
        Assert.Contains("mds_operator_reconciles_total{result=\"success\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("mds_operator_queue_depth", metrics, StringComparison.Ordinal);
        Assert.Contains("mds_operator_emulators{ready=\"False\"}", metrics, StringComparison.Ordinal);
        Assert.Contains("mds_operator_reconcile_duration_seconds_count", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Additions_ByHand_StayAndAreNotAppliedAgainAndAgain()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, """{"podTemplate": {"resources": {"limits": {"cpu": "1000m"}}}}""");
        await lab.RunPodAsync(ServerPodStandIn.Report());
        await lab.UntilAsync("Ready", Reasons.Ready);
        await controlPlane.Client.PatchAsync(
            KubeResources.Services, lab.Namespace, EmulatorScenario.ObjectName,
            JsonNode.Parse("""{"spec": {"ports": [{"name": "metadata", "port": 80, "protocol": "TCP", "targetPort": "metadata"}, {"name": "mine", "port": 81}]}}""")!.AsObject(),
            cancellationToken: _cancellation);
        await RepairAsync(lab);
        await RepairAsync(lab);
        var before = @operator.Applied(lab.Namespace);

        await RepairAsync(lab);
        await RepairAsync(lab);

        Assert.Equal(2, (await lab.UntilAsync(KubeResources.Services))["spec"]!["ports"]!.AsArray().Count);
        Assert.Equal(
            [], @operator.Applied(lab.Namespace).Skip(before.Count).Where(line => !line.StartsWith("Applied ServiceAccount ", StringComparison.Ordinal)));
        Assert.Contains(before, line => line.StartsWith("Applied Service ", StringComparison.Ordinal));
    }

    // When it is repaired, everything that was before it in the queue has been done.
    private async Task RepairAsync(EmulatorScenario lab)
    {
        await controlPlane.Client.PatchAsync(
            KubeResources.ServiceAccounts, lab.Namespace, EmulatorScenario.ObjectName,
            JsonNode.Parse("""{"automountServiceAccountToken": true}""")!.AsObject(), cancellationToken: _cancellation);
        await lab.UntilAsync(KubeResources.ServiceAccounts, account => (bool?)account["automountServiceAccountToken"] == false);
    }

    private Task<JsonObject> WriteAsync(EmulatorScenario lab, string key, string text) => controlPlane.Client.ApplyAsync(
        KubeResources.ConfigMaps,
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = "mine", ["namespace"] = lab.Namespace },
            ["data"] = new JsonObject { [key] = text },
        },
        "tests",
        force: true,
        _cancellation);
}
