namespace Mds.Metadata;

/// <summary>
/// Those who wait, by path and by deadline: a change looks at each watched path once, however many wait for it, and one
/// timer serves all deadlines. Not safe for several threads; the store's lock guards it.
/// </summary>
internal sealed class ChangeWaiters
{
    private readonly Dictionary<string, HashSet<ChangeWaiter>> _byPath = new(StringComparer.Ordinal);
    private readonly SortedSet<ChangeWaiter> _byDeadline = new(ChangeWaiter.ByDeadline);
    private long _lastNumber;

    /// <summary>How many wait.</summary>
    public int Count { get; private set; }

    /// <summary>The timestamp at which the next wait ends in any case; <see langword="null"/> when none has an end.</summary>
    public long? NextDeadline => _byDeadline.Min?.Deadline;

    /// <summary>Begins a wait.</summary>
    /// <param name="path">The path of the node.</param>
    /// <param name="etag">Its ETag now.</param>
    /// <param name="deadline">The timestamp at which the wait ends in any case.</param>
    public ChangeWaiter Add(string path, string etag, long? deadline)
    {
        var waiter = new ChangeWaiter(path, etag, deadline, ++_lastNumber);
        if (!_byPath.TryGetValue(path, out var atPath))
        {
            _byPath.Add(path, atPath = []);
        }

        atPath.Add(waiter);
        if (deadline is not null)
        {
            _byDeadline.Add(waiter);
        }

        Count++;
        return waiter;
    }

    /// <summary>Ends a wait that may have ended already.</summary>
    /// <returns>Whether it had not.</returns>
    public bool Remove(ChangeWaiter waiter)
    {
        if (!_byPath.TryGetValue(waiter.Path, out var atPath) || !atPath.Remove(waiter))
        {
            return false;
        }

        if (atPath.Count == 0)
        {
            _byPath.Remove(waiter.Path);
        }

        _byDeadline.Remove(waiter);
        Count--;
        return true;
    }

    /// <summary>Ends the waits for nodes that another tree holds otherwise or not at all.</summary>
    public List<ChangeWaiter> TakeChanged(MetadataTree tree)
    {
        var changed = new List<ChangeWaiter>();
        foreach (var (path, atPath) in _byPath)
        {
            // All at one path saw the tree before this one, so that any of them knows the node's ETag in it.
            if (tree.Find(path)?.ContentETag != atPath.First().ETag)
            {
                changed.AddRange(atPath);
            }
        }

        return Take(changed);
    }

    /// <summary>Ends the waits whose deadline has come.</summary>
    /// <param name="now">The timestamp.</param>
    public List<ChangeWaiter> TakeDue(long now) =>
        Take([.. _byDeadline.TakeWhile(waiter => waiter.Deadline <= now)]);

    /// <summary>Ends every wait.</summary>
    public List<ChangeWaiter> TakeAll() => Take([.. _byPath.Values.SelectMany(atPath => atPath)]);

    private List<ChangeWaiter> Take(List<ChangeWaiter> waiters)
    {
        foreach (var waiter in waiters)
        {
            Remove(waiter);
        }

        return waiters;
    }
}
