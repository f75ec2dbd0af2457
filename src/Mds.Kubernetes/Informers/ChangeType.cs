namespace Mds.Kubernetes;

/// <summary>How an object in an informer's store changed.</summary>
public enum ChangeType
{
    /// <summary>It came into the store.</summary>
    Added,

    /// <summary>It was replaced by a newer version.</summary>
    Updated,

    /// <summary>It left the store: deleted, or no longer selected.</summary>
    Deleted,
}
