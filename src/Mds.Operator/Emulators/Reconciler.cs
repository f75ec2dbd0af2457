using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>Brings one emulator's objects and status to what they are to be. Safe to repeat, and to be cut off anywhere.</summary>
internal sealed class Reconciler(
    KubeClient client,
    IEmulatorSource emulators,
    ClusterCache cache,
    EmulatorObjects objects,
    IEmulatorProbe probe,
    EventRecorder events,
    OperatorOptions options,
    TimeProvider time)
{
    /// <summary>How long until an emulator is looked at again when all is well.</summary>
    public static readonly TimeSpan Calm = TimeSpan.FromSeconds(60);

    /// <summary>How long when something is not.</summary>
    public static readonly TimeSpan Alert = TimeSpan.FromSeconds(10);

    private readonly ServerPodOptions _pods = new(
        options.ServerImage, options.ServerImagePullPolicy, options.ServerImagePullSecrets, options.Namespace, options.ClusterDomain,
        options.HostNetwork);

    // What was written last: the cache may not have it yet, and must not be taken for the state before.
    private readonly ConcurrentDictionary<string, JsonObject> _written = new();

    /// <summary>Begins anew, after another replica may have reconciled.</summary>
    public void Reset()
    {
        _written.Clear();
        objects.Reset();
    }

    /// <summary>Reconciles one emulator.</summary>
    /// <returns>When to look again; null when there is no such emulator any more.</returns>
    public async Task<TimeSpan?> ReconcileAsync(string @namespace, string name, CancellationToken cancellationToken)
    {
        if (emulators.Find(@namespace, name) is not { Deleting: false } emulator)
        {
            return null;
        }

        var previous = _written.GetValueOrDefault(emulator.Uid) ?? emulator.Status;
        emulator = emulator with { Endpoint = EmulatorReader.Endpoint(previous) };
        var facts = await cache.FilledAsync(cancellationToken);
        var claims = await InspectAsync(emulator, cancellationToken);
        var observed = EmulatorStatus.Blocked(emulator) is null
            ? await ApplyAsync(emulator, claims, facts, cancellationToken)
            : new Observation(
                claims.Finding,
                null,
                await FindOwnedAsync(emulator, KubeResources.Services, cancellationToken),
                await FindOwnedAsync(emulator, KubeResources.Deployments, cancellationToken),
                null,
                [],
                []);
        observed = observed with
        {
            Pods = await AskPodsAsync(emulator, cancellationToken),
            Routed = ServiceRouting.PodsOf(emulator.ObjectName, cache.EndpointSlices.List(emulator.Namespace)),
        };

        var status = EmulatorStatus.Build(emulator, observed, previous, time.GetUtcNow());
        await WriteAsync(emulator, previous, status, cancellationToken);
        return KubeJson.TextOf(EmulatorStatus.ConditionOf(status, "Ready")?["status"]) == Reason.True ? Calm : Alert;
    }

    /// <summary>Forgets emulators that are no more.</summary>
    /// <param name="uids">The emulators there are.</param>
    public void Keep(IReadOnlySet<string> uids)
    {
        objects.Keep(uids);
        foreach (var uid in _written.Keys.Where(uid => !uids.Contains(uid)))
        {
            _written.TryRemove(uid, out _);
        }
    }

    private async Task<ClaimsFinding> InspectAsync(Emulator emulator, CancellationToken cancellationToken)
    {
        if (emulator.ClaimsFrom is { } reference)
        {
            // A name that no ConfigMap can have cannot be asked for either; the specification's problems say what is wrong with it.
            var configMap = EmulatorReader.IsObjectName(reference.Name)
                ? await client.FindAsync(KubeResources.ConfigMaps, emulator.Namespace, reference.Name, cancellationToken)
                : null;
            return ClaimsInspection.Referenced(reference, configMap);
        }

        return ClaimsInspection.Inline(emulator, await FindOwnedAsync(emulator, KubeResources.ConfigMaps, cancellationToken));
    }

    private async Task<Observation> ApplyAsync(
        Emulator emulator, ClaimsFinding claims, ClusterFacts facts, CancellationToken cancellationToken)
    {
        var service = DesiredObjects.Service(emulator);
        var (liveService, obstacle) = await objects.ApplyAsync(emulator, service, cancellationToken);
        var desired = DesiredObjects.Build(emulator, AddressesOf(emulator, liveService), claims.Ship, facts, _pods);
        var live = new Dictionary<ResourceType, JsonObject?>();
        foreach (var wanted in desired)
        {
            // One object that cannot be applied does not keep the others.
            (live[wanted.Type], var hindrance) = await objects.ApplyAsync(emulator, wanted, cancellationToken);
            obstacle ??= hindrance;
        }

        await objects.PruneAsync(emulator, [service, .. desired], cancellationToken);
        var template = desired.Single(wanted => wanted.Type == KubeResources.Deployments).Manifest["spec"]!["template"]!;
        return new Observation(
            claims.Finding,
            obstacle,
            liveService,
            live[KubeResources.Deployments],
            KubeJson.AnnotationOf(template.AsObject(), WellKnown.SettingsHashAnnotation),
            [],
            []);
    }

    // A Service that could not be applied for a moment is no reason to take its address out of the settings, and to roll the pods.
    private static IReadOnlyList<string> AddressesOf(Emulator emulator, JsonObject? service) =>
        DesiredObjects.AddressesOf(service) is { Count: > 0 } addresses ? addresses : emulator.Endpoint is { Ip: var ip } ? [ip] : [];

    private async Task<JsonObject?> FindOwnedAsync(Emulator emulator, ResourceType type, CancellationToken cancellationToken) =>
        await objects.FindAsync(emulator, type, cancellationToken) is { } live && EmulatorObjects.IsOwned(live, emulator) ? live : null;

    private async Task<ImmutableArray<ServerPod>> AskPodsAsync(Emulator emulator, CancellationToken cancellationToken)
    {
        var pods = cache.Pods.List(emulator.Namespace)
            .Where(pod => KubeJson.LabelOf(pod, WellKnown.Emulator) == emulator.Name)
            .Select(ServerPod.Read)
            .OrderBy(pod => pod.Name, StringComparer.Ordinal)
            .Select(async pod =>
            {
                if (pod is not { Running: true, StatusAddress: { } address })
                {
                    return pod;
                }

                var (report, failure) = await probe.AskAsync(address, cancellationToken);
                return pod with { Report = report, ReportFailure = failure };
            });
        return [.. await Task.WhenAll(pods)];
    }

    private async Task WriteAsync(Emulator emulator, JsonObject previous, JsonObject status, CancellationToken cancellationToken)
    {
        if (!JsonNode.DeepEquals(status, emulator.Status))
        {
            var manifest = new JsonObject
            {
                ["apiVersion"] = MetadataEmulator.Type.ApiVersion,
                ["kind"] = MetadataEmulator.Type.Kind,
                // With the identity, so that a new emulator of the same name does not inherit it.
                ["metadata"] = new JsonObject { ["name"] = emulator.Name, ["namespace"] = emulator.Namespace, ["uid"] = emulator.Uid },
                ["status"] = status.DeepClone(),
            };
            try
            {
                await client.ApplyStatusAsync(MetadataEmulator.Type, manifest, WellKnown.FieldManager, force: true, cancellationToken);
            }
            catch (KubeApiException e) when (e.IsNotFound || e.IsConflict)
            {
                // Deleted, or replaced by another of the same name; the cache will say so.
                return;
            }
            catch (KubeApiException e) when (e.IsInvalid)
            {
                // Taken by an earlier definition and not by this one; before Kubernetes 1.33 nothing of it can be written then.
                if (!JsonNode.DeepEquals(status, previous))
                {
                    events.Record(
                        emulator.Raw, EventType.Warning, Reasons.SpecInvalid.Name,
                        $"The status cannot be written, because the definition that is installed refuses the specification: {KubeJson.TextOf(e.Status?["message"]) ?? e.Message}");
                }
            }
        }

        _written[emulator.Uid] = status;
        foreach (var (type, reason, message) in EmulatorEvents.Between(previous, status))
        {
            events.Record(emulator.Raw, type, reason, message);
        }
    }
}
