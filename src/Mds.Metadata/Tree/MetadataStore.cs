namespace Mds.Metadata;

/// <summary>
/// Holds the tree that is served now, and those who wait for a node of it to change: each costs a few objects, no thread
/// and no timer.
/// </summary>
public sealed class MetadataStore : IDisposable
{
    // The one timer looks at least so often; its own limit is at 49 days.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromHours(1);

    private readonly Lock _gate = new();
    private readonly ChangeWaiters _waiters = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile MetadataTree _current;
    private bool _isStopped;

    /// <summary>Creates a store.</summary>
    /// <param name="tree">The tree that is served first.</param>
    /// <param name="time">The clock that waits are limited by.</param>
    public MetadataStore(MetadataTree tree, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(time);
        _current = tree;
        _time = time;
        _timer = time.CreateTimer(_ => EndDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The tree that is served now. A request reads it once, so that it sees one state.</summary>
    public MetadataTree Current => _current;

    /// <summary>How many wait for a change.</summary>
    public int WaiterCount
    {
        get
        {
            lock (_gate)
            {
                return _waiters.Count;
            }
        }
    }

    /// <summary>Serves another tree from now on, and wakes those whose node has another ETag in it.</summary>
    public void Replace(MetadataTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        lock (_gate)
        {
            _current = tree;
            End(_waiters.TakeChanged(tree), tree);
        }
    }

    /// <summary>Waits until a node changes or goes away.</summary>
    /// <param name="path">The path of the node.</param>
    /// <param name="etag">
    /// The <see cref="MetadataNode.ContentETag"/> that is known already: any other than the present one ends the wait at
    /// once. <see langword="null"/> waits for the next change.
    /// </param>
    /// <param name="timeout">The longest wait; <see langword="null"/> for any.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    /// <returns>The tree to answer from, changed or not; <see langword="null"/> when the store stops.</returns>
    /// <exception cref="OperationCanceledException">The wait was given up.</exception>
    public Task<MetadataTree?> WaitAsync(
        string path, string? etag, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        ChangeWaiter waiter;
        lock (_gate)
        {
            if (_isStopped)
            {
                return Task.FromResult<MetadataTree?>(null);
            }

            var present = _current.Find(path)?.ContentETag;
            if (present is null || (etag ?? present) != present || timeout <= TimeSpan.Zero)
            {
                return Task.FromResult<MetadataTree?>(_current);
            }

            waiter = _waiters.Add(path, present, timeout is { } limit ? Deadline(limit) : null);
            if (waiter.Deadline is { } deadline && deadline == _waiters.NextDeadline)
            {
                SleepUntil(deadline);
            }
        }

        return cancellationToken.CanBeCanceled ? AwaitAsync(waiter, cancellationToken) : waiter.Task;
    }

    /// <summary>Ends every wait, now and from now on; the tree is served further.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            End(_waiters.TakeAll(), null);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop();
        _timer.Dispose();
    }

    private async Task<MetadataTree?> AwaitAsync(ChangeWaiter waiter, CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(
            (state, token) => GiveUp((ChangeWaiter)state!, token), waiter);
        return await waiter.Task.ConfigureAwait(false);
    }

    private void GiveUp(ChangeWaiter waiter, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (_waiters.Remove(waiter))
            {
                waiter.SetCanceled(cancellationToken);
            }
        }
    }

    private void EndDue()
    {
        lock (_gate)
        {
            End(_waiters.TakeDue(_time.GetTimestamp()), _current);
            if (_waiters.NextDeadline is { } deadline)
            {
                SleepUntil(deadline);
            }
        }
    }

    // What goes on then goes on elsewhere: the waiters' tasks run no continuation here, inside the lock.
    private static void End(List<ChangeWaiter> waiters, MetadataTree? tree)
    {
        foreach (var waiter in waiters)
        {
            waiter.SetResult(tree);
        }
    }

    private long Deadline(TimeSpan timeout) =>
        _time.GetTimestamp() + (long)Math.Min(timeout.TotalSeconds * _time.TimestampFrequency, long.MaxValue / 2);

    private void SleepUntil(long deadline)
    {
        var rest = _time.GetElapsedTime(_time.GetTimestamp(), deadline);
        // Rounded up to the timer's unit: one that comes early would find nothing to do.
        var sleep = TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, rest.TotalMilliseconds)));
        _timer.Change(sleep < LongestSleep ? sleep : LongestSleep, Timeout.InfiniteTimeSpan);
    }
}
