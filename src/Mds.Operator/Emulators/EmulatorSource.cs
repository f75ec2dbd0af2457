using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>The emulators of the cache, each read once.</summary>
internal sealed class EmulatorSource(ClusterCache cache, KubeClient client) : IEmulatorSource
{
    private readonly ConditionalWeakTable<JsonObject, Emulator> _read = [];

    /// <inheritdoc/>
    public bool Synced => cache.Emulators.HasSynced;

    /// <inheritdoc/>
    public Emulator? Find(string @namespace, string name) =>
        cache.Emulators.Find(@namespace, name) is { } raw ? Read(raw) : null;

    /// <inheritdoc/>
    public IReadOnlyList<Emulator> InNamespace(string @namespace) => Read(cache.Emulators.List(@namespace));

    /// <inheritdoc/>
    public async Task<IReadOnlyList<Emulator>> ReadAsync(string @namespace, CancellationToken cancellationToken) =>
        Read((await client.ListAsync(MetadataEmulator.Type, @namespace, cancellationToken: cancellationToken)).Items);

    /// <summary>All emulators, by namespace and name.</summary>
    public IReadOnlyList<Emulator> All() => Read(cache.Emulators.List());

    private List<Emulator> Read(IEnumerable<JsonObject> raw) =>
        [.. raw.Select(Read).OrderBy(emulator => emulator.Key, StringComparer.Ordinal)];

    private Emulator Read(JsonObject raw) => _read.GetValue(raw, EmulatorReader.Read);
}
