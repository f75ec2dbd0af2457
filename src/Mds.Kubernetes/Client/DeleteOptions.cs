namespace Mds.Kubernetes;

/// <summary>How an object is deleted, under the API's own names.</summary>
public sealed record DeleteOptions
{
    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>: what happens to its dependents.</summary>
    public string PropagationPolicy { get; init; } = "Background";

    /// <summary>Delete only the object with this UID, not a successor of the same name.</summary>
    public string? PreconditionUid { get; init; }

    /// <summary>How long a pod may take to end; null leaves it to the object.</summary>
    public int? GracePeriodSeconds { get; init; }
}
