using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

/// <summary>One emulator in a namespace of its own, and what a test does with it.</summary>
internal sealed class EmulatorScenario(KubeClient client, string @namespace, CancellationToken cancellationToken)
    : IAsyncDisposable
{
    private readonly List<ServerPodStandIn> _pods = [];

    /// <summary>The emulator's name.</summary>
    public const string Name = "lab";

    /// <summary>The name of everything made for it.</summary>
    public const string ObjectName = "mds-lab";

    /// <summary>The namespace.</summary>
    public string Namespace { get; } = @namespace;

    public static async Task<EmulatorScenario> StartAsync(ControlPlaneFixture controlPlane, string? spec = null)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var scenario = new EmulatorScenario(
            controlPlane.Client, await controlPlane.CreateNamespaceAsync(cancellationToken), cancellationToken);
        if (spec is not null)
        {
            await scenario.CreateAsync(spec);
        }

        return scenario;
    }

    public Task<JsonObject> CreateAsync(string spec) => client.CreateAsync(
        MetadataEmulator.Type,
        new JsonObject
        {
            ["apiVersion"] = MetadataEmulator.Type.ApiVersion,
            ["kind"] = MetadataEmulator.Type.Kind,
            ["metadata"] = new JsonObject { ["name"] = Name, ["namespace"] = Namespace },
            ["spec"] = JsonNode.Parse(spec),
        },
        cancellationToken: cancellationToken);

    public Task PatchSpecAsync(string patch) => client.PatchAsync(
        MetadataEmulator.Type, Namespace, Name, new JsonObject { ["spec"] = JsonNode.Parse(patch) }, cancellationToken: cancellationToken);

    public Task DeleteAsync() => client.DeleteAsync(MetadataEmulator.Type, Namespace, Name, cancellationToken: cancellationToken);

    public async Task<Emulator> ReadAsync() =>
        EmulatorReader.Read(await client.GetAsync(MetadataEmulator.Type, Namespace, Name, cancellationToken));

    public Task<JsonObject?> FindAsync(ResourceType type, string name = ObjectName) => client.FindAsync(type, Namespace, name, cancellationToken);

    /// <summary>Waits for an object that is as a condition says.</summary>
    public async Task<JsonObject> UntilAsync(ResourceType type, Func<JsonObject, bool>? condition = null)
    {
        JsonObject? found = null;
        await Eventually.TrueAsync(
            async () => (found = await FindAsync(type)) is not null && condition?.Invoke(found) is not false,
            $"{type.Kind} {ObjectName} is as expected",
            cancellationToken);
        return found!;
    }

    public Task UntilGoneAsync(ResourceType type) => Eventually.TrueAsync(
        async () => await FindAsync(type) is null, $"{type.Kind} {ObjectName} is gone", cancellationToken);

    /// <summary>Waits until a condition has a reason, and returns its sentence.</summary>
    public async Task<string> UntilAsync(string type, Reason reason)
    {
        var last = "";
        try
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var condition = EmulatorStatus.ConditionOf((await ReadAsync()).Status, type);
                    last = condition?.ToJsonString() ?? "";
                    return KubeJson.TextOf(condition?["reason"]) == reason.Name && KubeJson.TextOf(condition?["status"]) == reason.Status;
                },
                $"{type} is {reason.Name}",
                cancellationToken);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{e.Message} It was last: {last}", e);
        }

        return JsonNode.Parse(last)!["message"]!.GetValue<string>();
    }

    /// <summary>Does what controllers and a node would do: one ready pod that the Service leads to, and a finished rollout.</summary>
    public async Task<ServerPodStandIn> RunPodAsync(string report)
    {
        var pod = await RunUnroutedPodAsync(report);
        await RouteAsync(pod);
        return pod;
    }

    public async Task RouteAsync(ServerPodStandIn pod) =>
        await pod.RouteAsync((await UntilAsync(KubeResources.Services))["metadata"]!["labels"]!, cancellationToken);

    /// <summary>The same, but for the Service's routes.</summary>
    public async Task<ServerPodStandIn> RunUnroutedPodAsync(string report)
    {
        var deployment = await UntilAsync(KubeResources.Deployments);
        var pod = await ServerPodStandIn.StartAsync(client, deployment, report, cancellationToken);
        _pods.Add(pod);
        await FinishRolloutAsync();
        return pod;
    }

    public async Task FinishRolloutAsync()
    {
        var deployment = await UntilAsync(KubeResources.Deployments);
        var replicas = deployment["spec"]!["replicas"]!.GetValue<int>();
        await client.PatchAsync(
            KubeResources.Deployments,
            Namespace,
            ObjectName,
            new JsonObject
            {
                ["status"] = new JsonObject
                {
                    ["observedGeneration"] = deployment["metadata"]!["generation"]!.GetValue<long>(),
                    ["replicas"] = replicas,
                    ["updatedReplicas"] = replicas,
                },
            },
            "status",
            cancellationToken);
    }

    public async Task<IReadOnlyList<JsonObject>> EventsAsync() =>
        (await client.ListAsync(KubeResources.Events, Namespace, cancellationToken: cancellationToken)).Items;

    /// <summary>Waits for an event with a reason.</summary>
    public async Task<JsonObject> UntilEventAsync(string reason)
    {
        JsonObject? found = null;
        await Eventually.TrueAsync(
            async () => (found = (await EventsAsync()).FirstOrDefault(entry => KubeJson.TextOf(entry["reason"]) == reason)) is not null,
            $"an event {reason} is recorded",
            cancellationToken);
        return found!;
    }

    public async ValueTask DisposeAsync()
    {
        // So that the operator has no more to do for it while other tests run.
        await DeleteAsync();
        foreach (var pod in _pods)
        {
            await pod.DisposeAsync();
        }
    }
}
