namespace Mds.Metadata;

/// <summary>
/// Somebody who waits for a node to change. Its task ends with the tree to answer from, or with none when the store
/// stops; whoever ends it goes on without it.
/// </summary>
/// <param name="path">The path of the node.</param>
/// <param name="etag">The ETag that it waits to see gone.</param>
/// <param name="deadline">The timestamp at which the wait ends in any case; <see langword="null"/> for never.</param>
/// <param name="number">Tells apart those who have the same deadline.</param>
internal sealed class ChangeWaiter(string path, string etag, long? deadline, long number)
    : TaskCompletionSource<MetadataTree?>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    /// <summary>Orders by deadline.</summary>
    public static readonly IComparer<ChangeWaiter> ByDeadline = Comparer<ChangeWaiter>.Create(
        (x, y) => (x.Deadline.GetValueOrDefault(), x.Number).CompareTo((y.Deadline.GetValueOrDefault(), y.Number)));

    /// <summary>The path of the node.</summary>
    public string Path { get; } = path;

    /// <summary>The ETag that it waits to see gone.</summary>
    public string ETag { get; } = etag;

    /// <summary>The timestamp at which the wait ends in any case.</summary>
    public long? Deadline { get; } = deadline;

    private long Number { get; } = number;
}
