using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>One event of a watch.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Resource">The object after the change, its last state when deleted, or only a version for a bookmark.</param>
public sealed record WatchEvent(WatchEventType Type, JsonObject Resource);
