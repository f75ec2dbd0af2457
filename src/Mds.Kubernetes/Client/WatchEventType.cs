namespace Mds.Kubernetes;

/// <summary>What a watch event reports.</summary>
public enum WatchEventType
{
    /// <summary>The object is new, or new to the selector.</summary>
    Added,

    /// <summary>The object changed.</summary>
    Modified,

    /// <summary>The object is gone, or no longer matches the selector.</summary>
    Deleted,

    /// <summary>Nothing changed; the event only carries a recent resource version.</summary>
    Bookmark,
}
