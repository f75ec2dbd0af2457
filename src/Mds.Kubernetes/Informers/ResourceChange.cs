using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>One change of an informer's store. The objects are shared with all readers: never change them.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Resource">The object as it is now; as last known when deleted.</param>
/// <param name="Previous">The object as it was before an update; null otherwise.</param>
public sealed record ResourceChange(ChangeType Type, JsonObject Resource, JsonObject? Previous = null);
