using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>Which objects an informer keeps, and in what form.</summary>
public sealed record InformerOptions
{
    /// <summary>The one namespace to look at; null is all of them.</summary>
    public string? Namespace { get; init; }

    /// <summary>Only objects with matching labels.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Only objects with matching fields, such as <c>metadata.name=web</c>.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>
    /// Changes each object before it is kept, to save memory. The default removes <c>metadata.managedFields</c>, as a rule
    /// half of an object; null keeps objects whole.
    /// </summary>
    public Action<JsonObject>? Transform { get; init; } = DropManagedFields;

    /// <summary>How many objects one answer to a list may hold.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>
    /// The shortest time after which a watch is renewed; each watch takes between this and twice this, so that many
    /// informers do not renew together. client-go's value.
    /// </summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    private static void DropManagedFields(JsonObject resource) =>
        (resource["metadata"] as JsonObject)?.Remove("managedFields");
}
