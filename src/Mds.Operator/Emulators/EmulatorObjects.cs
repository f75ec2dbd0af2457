using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>
/// Brings an emulator's objects to what they are to be, by server-side apply. Applying is idempotent, so two replicas that
/// do it at once do no harm; it is left out where the cache shows nothing to do.
/// </summary>
internal sealed partial class EmulatorObjects(KubeClient client, ClusterCache cache, TimeProvider time, ILogger<EmulatorObjects> logger)
{
    // How long a Service that is made again waits for its address: in all, four and a half seconds.
    private const int AddressAttempts = 10;
    private static readonly TimeSpan AddressPause = TimeSpan.FromMilliseconds(100);

    // What this process applied last, and what came of it. An apply also takes away fields that were applied earlier and are
    // not wanted any more, which looking at the object alone does not show.
    private readonly ConcurrentDictionary<(string Uid, ResourceType Type), (string Wanted, string Result)> _applied = new();

    /// <summary>The object of a type as it stands, whether ours or not.</summary>
    public async Task<JsonObject?> FindAsync(Emulator emulator, ResourceType type, CancellationToken cancellationToken) =>
        // The cache holds what carries our labels only; what it lacks may be there all the same.
        cache.Owned.Single(informer => informer.Type == type).Find(emulator.Namespace, emulator.ObjectName)
        ?? await client.FindAsync(type, emulator.Namespace, emulator.ObjectName, cancellationToken);

    /// <summary>Whether an object was made for this very emulator.</summary>
    public static bool IsOwned(JsonObject live, Emulator emulator) =>
        ControllerOf(live) is { } owner && KubeJson.TextOf(owner["uid"]) == emulator.Uid;

    /// <summary>Makes or changes one object.</summary>
    /// <returns>The object as it stands, or what kept it from being applied.</returns>
    public async Task<(JsonObject? Live, Finding? Obstacle)> ApplyAsync(
        Emulator emulator, DesiredObject desired, CancellationToken cancellationToken)
    {
        var live = await FindAsync(emulator, desired.Type, cancellationToken);
        if (live is not null && !IsOwned(live, emulator))
        {
            return (null, new Finding(Reasons.ObjectConflict, Conflict(emulator, desired, live)));
        }

        var hash = DesiredObjects.Hash(desired.Manifest.ToJsonString());
        if (live is not null
            && _applied.TryGetValue((emulator.Uid, desired.Type), out var applied)
            && applied.Wanted == hash
            // What others added beside it, or wrote in other words, stays as it is, however often it is applied.
            && (JsonSubset.Contains(live, desired.Manifest) || applied.Result == Lasting(live)))
        {
            return (live, null);
        }

        try
        {
            var result = await SendAsync(emulator, desired, cancellationToken);
            _applied[(emulator.Uid, desired.Type)] = (hash, Lasting(result));
            Log.Applied(logger, desired.Type.Kind, emulator.Namespace, desired.Name);
            return (result, null);
        }
        catch (KubeApiException e) when (e.Code is not (401 or 408 or 429 or 502 or 503 or 504))
        {
            // It is this object the server does not like. (Kubernetes 1.20 answers 500 to a field it does not know.)
            return (live, new Finding(Reasons.ApplyFailed, $"{desired.Title}: {KubeJson.TextOf(e.Status?["message"]) ?? e.Message}"));
        }
    }

    /// <summary>Deletes what was made for an emulator and is not wanted any more.</summary>
    public async Task PruneAsync(Emulator emulator, IReadOnlyList<DesiredObject> desired, CancellationToken cancellationToken)
    {
        // One object of a type at most, and always under the same name.
        foreach (var informer in cache.Owned.Where(informer => desired.All(wanted => wanted.Type != informer.Type)))
        {
            if (informer.Find(emulator.Namespace, emulator.ObjectName) is { } live
                && IsOwned(live, emulator)
                && live["metadata"]?["deletionTimestamp"] is null)
            {
                await client.DeleteAsync(
                    informer.Type,
                    emulator.Namespace,
                    emulator.ObjectName,
                    new DeleteOptions { PreconditionUid = KubeJson.UidOf(live) },
                    cancellationToken);
                _applied.TryRemove((emulator.Uid, informer.Type), out _);
                Log.Deleted(logger, informer.Type.Kind, emulator.Namespace, emulator.ObjectName);
            }
        }
    }

    /// <summary>Forgets what was applied: another replica may have applied something else since.</summary>
    public void Reset() => _applied.Clear();

    /// <summary>Forgets what was applied for emulators that are no more.</summary>
    /// <param name="uids">The emulators there are.</param>
    public void Keep(IReadOnlySet<string> uids)
    {
        foreach (var key in _applied.Keys.Where(key => !uids.Contains(key.Uid)))
        {
            _applied.TryRemove(key, out _);
        }
    }

    private async Task<JsonObject> SendAsync(Emulator emulator, DesiredObject desired, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await ApplyAsync(desired.Manifest);
            }
            catch (KubeApiException e) when (e.IsInvalid && desired.Type == KubeResources.Services && desired.Manifest["spec"]?["clusterIP"] is not null)
            {
                // Asked of the API server: the cache may still have a Service that is gone.
                var gone = await client.FindAsync(desired.Type, emulator.Namespace, emulator.ObjectName, cancellationToken) is null;
                if (gone && attempt < AddressAttempts)
                {
                    // The API server says that a Service is gone a moment before its address is free again.
                    await Task.Delay(AddressPause * attempt, time, cancellationToken);
                    continue;
                }

                // The address of old is somebody else's by now, or of another cluster: a new one then.
                var manifest = desired.Manifest.DeepClone().AsObject();
                manifest["spec"]!.AsObject().Remove("clusterIP");
                return await ApplyAsync(manifest);
            }
        }

        Task<JsonObject> ApplyAsync(JsonObject manifest) =>
            client.ApplyAsync(desired.Type, manifest, WellKnown.FieldManager, force: true, cancellationToken);
    }

    // The hash of an object without what changes by itself, and without what lists leave out.
    private static string Lasting(JsonObject live)
    {
        var lasting = live.DeepClone().AsObject();
        lasting.Remove("apiVersion");
        lasting.Remove("kind");
        lasting.Remove("status");
        var metadata = lasting["metadata"]!.AsObject();
        metadata.Remove("resourceVersion");
        metadata.Remove("managedFields");
        return DesiredObjects.Hash(lasting.ToJsonString());
    }

    private static string Conflict(Emulator emulator, DesiredObject desired, JsonObject live)
    {
        var owner = ControllerOf(live);
        if (owner is not null
            && KubeJson.TextOf(owner["kind"]) == MetadataEmulator.Type.Kind
            && KubeJson.TextOf(owner["name"]) == emulator.Name)
        {
            return $"{desired.Title} belongs to an earlier emulator of this name and is still being deleted.";
        }

        var whose = owner is null ? "it is not the emulator's" : $"it belongs to {KubeJson.TextOf(owner["kind"])} {KubeJson.TextOf(owner["name"])}";
        return $"{desired.Title} exists already and {whose}; it is left alone. Delete or rename it, or give the emulator another name.";
    }

    private static JsonObject? ControllerOf(JsonObject live) =>
        (live["metadata"]?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>()
            .FirstOrDefault(owner => owner["controller"] is JsonValue value && value.TryGetValue(out bool controls) && controls);
}
