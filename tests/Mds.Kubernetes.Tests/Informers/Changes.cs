using System.Collections.Concurrent;

namespace Mds.Kubernetes.Tests.Informers;

/// <summary>What an informer told, in order.</summary>
internal sealed class Changes
{
    private readonly ConcurrentQueue<string> _changes = new();

    public IEnumerable<string> All => _changes;

    public void Add(ResourceChange change) => _changes.Enqueue(
        change.Previous is null
            ? $"{change.Type} {KubeJson.NameOf(change.Resource)}"
            : $"{change.Type} {KubeJson.NameOf(change.Resource)} {Objects.Datum(change.Previous, "x")}→{Objects.Datum(change.Resource, "x")}");
}
