using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>Objects by namespace and name. Thread-safe.</summary>
internal sealed class ResourceStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, JsonObject>> _namespaces = new(StringComparer.Ordinal);

    public JsonObject? Find(string? ns, string name)
    {
        lock (_lock)
        {
            return _namespaces.TryGetValue(ns ?? "", out var objects) ? objects.GetValueOrDefault(name) : null;
        }
    }

    public IReadOnlyList<JsonObject> List()
    {
        lock (_lock)
        {
            return [.. _namespaces.Values.SelectMany(objects => objects.Values)];
        }
    }

    public IReadOnlyList<JsonObject> List(string ns)
    {
        lock (_lock)
        {
            return _namespaces.TryGetValue(ns, out var objects) ? [.. objects.Values] : [];
        }
    }

    /// <summary>Keeps an object.</summary>
    /// <returns>The change this is; null when the store holds this very version already.</returns>
    public ResourceChange? Set(JsonObject resource)
    {
        lock (_lock)
        {
            var ns = KubeJson.NamespaceOf(resource) ?? "";
            if (!_namespaces.TryGetValue(ns, out var objects))
            {
                _namespaces[ns] = objects = new Dictionary<string, JsonObject>(StringComparer.Ordinal);
            }

            var name = KubeJson.NameOf(resource);
            var previous = objects.GetValueOrDefault(name);
            if (previous is not null && KubeJson.ResourceVersionOf(previous) == KubeJson.ResourceVersionOf(resource))
            {
                return null;
            }

            objects[name] = resource;
            return previous is null
                ? new ResourceChange(ChangeType.Added, resource)
                : new ResourceChange(ChangeType.Updated, resource, previous);
        }
    }

    /// <summary>Drops an object.</summary>
    /// <returns>The change this is; null when the store holds no such object.</returns>
    public ResourceChange? Remove(JsonObject resource)
    {
        lock (_lock)
        {
            var ns = KubeJson.NamespaceOf(resource) ?? "";
            if (!_namespaces.TryGetValue(ns, out var objects) || !objects.Remove(KubeJson.NameOf(resource)))
            {
                return null;
            }

            if (objects.Count == 0)
            {
                _namespaces.Remove(ns);
            }

            return new ResourceChange(ChangeType.Deleted, resource);
        }
    }
}
