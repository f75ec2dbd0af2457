using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

public sealed class ReconcilingTests(ControlPlaneFixture controlPlane, OperatorFixture @operator) : IAsyncLifetime
{
    private const string Claims = """{"claims": {"project": {"projectId": "lab"}}}""";

    private static readonly IReadOnlyList<ResourceType> Types = DesiredObjects.Types(new ClusterFacts(false, false));

    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public ValueTask InitializeAsync() => @operator.StartAsync(controlPlane);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Create_Emulator_BecomesReadyWithItsEndpoint()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane,
            """
            {"claims": {"project": {"projectId": "lab"}},
             "credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "gcp-key", "key": "key.json"}}}],
             "podTemplate": {"resources": {"limits": {"cpu": "1"}}, "priorityClassName": "system-cluster-critical", "nodeSelector": {"pool": "a"},
               "tolerations": [{"key": "dedicated", "operator": "Exists"}], "imagePullSecrets": [{"name": "pull"}]}}
            """);
        var service = await lab.UntilAsync(KubeResources.Services);
        var ip = service["spec"]!["clusterIP"]!.GetValue<string>();
        Assert.Contains("0 of 2", await lab.UntilAsync("Available", Reasons.ServerStarting), StringComparison.Ordinal);
        await lab.UntilAsync("CredentialsValid", Reasons.ServerNotReady);

        await lab.RunPodAsync(ServerPodStandIn.Report(
            """[{"account": "default", "kind": "serviceAccountKey", "principal": "app@lab.iam.gserviceaccount.com", "state": "Valid", "fault": null, "message": null}]"""));

        Assert.Equal($"Pods reach it at {ip}:80.", await lab.UntilAsync("Ready", Reasons.Ready));
        var emulator = await lab.ReadAsync();
        Assert.Equal(new EmulatorEndpoint(ip, 80), emulator.Endpoint);
        Assert.Equal($"{ip}:80", (string?)emulator.Status["endpoint"]!["host"]);
        Assert.Equal("app@lab.iam.gserviceaccount.com", (string?)emulator.Status["principal"]);
        Assert.Equal(emulator.Generation, (long)emulator.Status["observedGeneration"]!);
        foreach (var type in Types)
        {
            var made = await lab.UntilAsync(type);
            Assert.True(EmulatorObjects.IsOwned(made, emulator), $"{type.Kind} has no owner.");
        }

        // Nothing is applied over and over: what the server stores has all that is wanted, in the words it is wanted in.
        var desired = DesiredObjects.Build(
            emulator,
            [ip],
            Shipped(await lab.UntilAsync(KubeResources.ConfigMaps)),
            new ClusterFacts(false, false),
            new ServerPodOptions("registry.example/mds-server:1", null, [], Installation.Namespace, ClusterDomain.Default));
        foreach (var wanted in desired.Prepend(DesiredObjects.Service(emulator)))
        {
            Assert.True(JsonSubset.Contains(await lab.UntilAsync(wanted.Type), wanted.Manifest), $"{wanted.Title} is not as wanted.");
        }

        var assigned = await lab.UntilEventAsync(EmulatorEvents.EndpointAssigned);
        Assert.Equal("Normal", (string?)assigned["type"]);
        await lab.UntilEventAsync(Reasons.Ready.Name);
        Assert.Single(await lab.EventsAsync(), entry => (string?)entry["reason"] == EmulatorEvents.EndpointAssigned);
        Assert.DoesNotContain(await lab.EventsAsync(), entry => (string?)entry["type"] == "Warning");
    }

    [Fact]
    public async Task Patch_Claims_ShipsWithoutRollingThePods()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        var before = await lab.UntilAsync(KubeResources.Deployments);

        await lab.PatchSpecAsync("""{"claims": {"project": {"projectId": "changed", "numericProjectId": 9007199254740993}}}""");

        var shipped = await lab.UntilAsync(KubeResources.ConfigMaps, map => Shipped(map).Contains("changed", StringComparison.Ordinal));
        Assert.Contains("9007199254740993", Shipped(shipped), StringComparison.Ordinal);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        var after = await lab.UntilAsync(KubeResources.Deployments);
        Assert.Equal((long)before["metadata"]!["generation"]!, (long)after["metadata"]!["generation"]!);
    }

    [Fact]
    public async Task Patch_BrokenClaims_KeepsTheOldOnesAndNamesThePath()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);

        await lab.PatchSpecAsync("""{"claims": {"project": {"projectId": ["no", "list"]}}}""");

        Assert.Contains("$.spec.claims.project.projectId", await lab.UntilAsync("ClaimsValid", Reasons.ClaimsInvalid), StringComparison.Ordinal);
        await lab.UntilEventAsync(Reasons.ClaimsInvalid.Name);
        var shipped = JsonNode.Parse(Shipped(await lab.UntilAsync(KubeResources.ConfigMaps)))!;
        Assert.Equal("lab", (string?)shipped["project"]!["projectId"]);

        await lab.PatchSpecAsync("""{"claims": {"project": {"projectId": "good-again"}}}""");

        await lab.UntilAsync(KubeResources.ConfigMaps, map => Shipped(map).Contains("good-again", StringComparison.Ordinal));
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
    }

    [Fact]
    public async Task Create_BrokenClaims_IsToldAndHealsByItself()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, """{"claims": {"project": {"projectId": ["no", "list"]}}}""");

        Assert.Contains("$.spec.claims.project.projectId", await lab.UntilAsync("Ready", Reasons.ClaimsInvalid), StringComparison.Ordinal);
        Assert.Equal("", Shipped(await lab.UntilAsync(KubeResources.ConfigMaps)));

        await lab.PatchSpecAsync(Claims);

        await lab.UntilAsync(KubeResources.ConfigMaps, map => Shipped(map).Contains("lab", StringComparison.Ordinal));
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
    }

    [Fact]
    public async Task Patch_Settings_RollsThePods()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.RunPodAsync(ServerPodStandIn.Report());
        await lab.UntilAsync("Ready", Reasons.Ready);
        var before = HashOf(await lab.UntilAsync(KubeResources.Deployments));

        await lab.PatchSpecAsync("""{"credentials": [{"account": "default", "local": {}}]}""");

        await lab.UntilAsync(KubeResources.Deployments, deployment => HashOf(deployment) != before);
        await lab.UntilAsync("Ready", Reasons.RollingOut);

        static string HashOf(JsonObject deployment) =>
            (string)deployment["spec"]!["template"]!["metadata"]!["annotations"]![WellKnown.SettingsHashAnnotation]!;
    }

    [Fact]
    public async Task Drift_AnyObject_IsRepaired()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        var client = controlPlane.Client;

        await client.PatchAsync(
            KubeResources.Deployments, lab.Namespace, EmulatorScenario.ObjectName,
            JsonNode.Parse("""{"spec": {"replicas": 7, "template": {"spec": {"securityContext": {"runAsNonRoot": false}}}}}""")!.AsObject(),
            cancellationToken: _cancellation);
        await client.PatchAsync(
            KubeResources.Services, lab.Namespace, EmulatorScenario.ObjectName,
            JsonNode.Parse("""{"metadata": {"labels": {"app.kubernetes.io/managed-by": "me"}}, "spec": {"selector": {"app.kubernetes.io/name": "other"}}}""")!.AsObject(),
            cancellationToken: _cancellation);
        await client.PatchAsync(
            KubeResources.ConfigMaps, lab.Namespace, EmulatorScenario.ObjectName,
            JsonNode.Parse("""{"data": {"claims.json": "{}"}}""")!.AsObject(),
            cancellationToken: _cancellation);
        await client.DeleteAsync(KubeResources.NetworkPolicies, lab.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);

        await lab.UntilAsync(KubeResources.Deployments, deployment =>
            (int)deployment["spec"]!["replicas"]! == 2
            && (bool)deployment["spec"]!["template"]!["spec"]!["securityContext"]!["runAsNonRoot"]!);
        await lab.UntilAsync(KubeResources.Services, service =>
            (string?)service["spec"]!["selector"]![WellKnown.NameLabel] == WellKnown.ServerName
            && KubeJson.LabelOf(service, WellKnown.ManagedByLabel) == WellKnown.FieldManager);
        await lab.UntilAsync(KubeResources.ConfigMaps, map => Shipped(map).Contains("lab", StringComparison.Ordinal));
        await lab.UntilAsync(KubeResources.NetworkPolicies);
    }

    [Fact]
    public async Task Drift_DeletedService_ComesBackAtItsAddress()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        var service = await lab.UntilAsync(KubeResources.Services);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);

        await controlPlane.Client.DeleteAsync(KubeResources.Services, lab.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);

        var again = await lab.UntilAsync(KubeResources.Services, candidate => KubeJson.UidOf(candidate) != KubeJson.UidOf(service));
        Assert.Equal((string?)service["spec"]!["clusterIP"], (string?)again["spec"]!["clusterIP"]);
    }

    [Fact]
    public async Task Change_ObjectNotWantedAnyMore_IsDeleted()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.UntilAsync(KubeResources.PodDisruptionBudgetsV1Beta1);
        await lab.UntilAsync(KubeResources.NetworkPolicies);

        await lab.PatchSpecAsync("""{"deployment": {"replicas": 1}, "access": {"networkPolicy": false}}""");

        await lab.UntilGoneAsync(KubeResources.PodDisruptionBudgetsV1Beta1);
        await lab.UntilGoneAsync(KubeResources.NetworkPolicies);
        await lab.UntilAsync(KubeResources.Deployments, deployment => (int)deployment["spec"]!["replicas"]! == 1);
    }

    [Fact]
    public async Task Change_FieldTakenOut_IsTakenOutOfTheObject()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"podTemplate": {"metadata": {"labels": {"team": "a"}}}}""");
        await lab.UntilAsync(KubeResources.Deployments, deployment => LabelsOf(deployment)["team"] is not null);

        await lab.PatchSpecAsync("""{"podTemplate": null}""");

        await lab.UntilAsync(KubeResources.Deployments, deployment => LabelsOf(deployment)["team"] is null);

        static JsonNode LabelsOf(JsonObject deployment) => deployment["spec"]!["template"]!["metadata"]!["labels"]!;
    }

    [Theory]
    [InlineData("""{"mode": "DaemonSet"}""", "$.spec.mode")]
    [InlineData("""{"mode": "Sidecar"}""", "$.spec.mode")]
    public async Task Create_FieldOfLater_IsAnsweredAndNothingIsMade(string spec, string path)
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, spec);

        Assert.Contains(path, await lab.UntilAsync("Ready", Reasons.NotSupportedYet), StringComparison.Ordinal);
        Assert.Null(await lab.FindAsync(KubeResources.Deployments));
        await lab.UntilEventAsync(Reasons.NotSupportedYet.Name);
    }

    [Fact]
    public async Task Create_ForeignObjectInTheWay_IsLeftAloneAndNamed()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane);
        await controlPlane.Client.CreateAsync(
            KubeResources.ConfigMaps,
            new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject { ["name"] = EmulatorScenario.ObjectName, ["namespace"] = lab.Namespace },
                ["data"] = new JsonObject { [ServerSettings.ClaimsFile] = "mine" },
            },
            cancellationToken: _cancellation);

        await lab.CreateAsync(Claims);

        Assert.Contains("ConfigMap mds-lab", await lab.UntilAsync("Ready", Reasons.ObjectConflict), StringComparison.Ordinal);
        await lab.UntilAsync(KubeResources.Services);
        Assert.Equal("mine", Shipped(await lab.UntilAsync(KubeResources.ConfigMaps)));

        await controlPlane.Client.DeleteAsync(KubeResources.ConfigMaps, lab.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);

        await lab.UntilAsync(KubeResources.ConfigMaps, map => Shipped(map).Contains("lab", StringComparison.Ordinal));
        await lab.UntilAsync("Ready", Reasons.ServerStarting);
    }

    [Fact]
    public async Task Create_FieldNoServerKnows_IsToldInItsWordsAndTheRestIsMade()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"podTemplate": {"affinity": {"nodeAffinity": {"noSuchField": 1}}}}""");

        Assert.Contains("Deployment mds-lab: ", await lab.UntilAsync("Ready", Reasons.ApplyFailed), StringComparison.Ordinal);
        await lab.UntilAsync(KubeResources.Services);
        await lab.UntilAsync(KubeResources.ConfigMaps);
    }

    [Fact]
    public async Task Delete_Emulator_NothingIsMadeAgain()
    {
        var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);

        await lab.DeleteAsync();
        // The garbage collector's work.
        foreach (var type in Types)
        {
            await controlPlane.Client.DeleteAsync(type, lab.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);
        }

        // The same queue works on this one later: once it is done, the deleted one has been looked at.
        await using var later = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await later.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        foreach (var type in Types)
        {
            Assert.Null(await lab.FindAsync(type));
        }
    }

    [Fact]
    public async Task Create_SameNameAgain_WaitsForTheEarlierOnesObjects()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, Claims);
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        await lab.DeleteAsync();
        await lab.CreateAsync(Claims);

        Assert.Contains("earlier emulator", await lab.UntilAsync("Ready", Reasons.ObjectConflict), StringComparison.Ordinal);
        foreach (var type in Types)
        {
            await controlPlane.Client.DeleteAsync(type, lab.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);
        }

        await lab.UntilAsync("Ready", Reasons.ServerStarting);
        var emulator = await lab.ReadAsync();
        Assert.True(EmulatorObjects.IsOwned(await lab.UntilAsync(KubeResources.Deployments), emulator));
    }

    private static string Shipped(JsonObject map) => (string?)map["data"]?[ServerSettings.ClaimsFile] ?? "";
}
