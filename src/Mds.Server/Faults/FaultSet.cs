using System.Collections.Immutable;

namespace Mds.Server.Faults;

/// <summary>The faults that are set, by number.</summary>
/// <param name="time">The clock that delays go by.</param>
internal sealed class FaultSet(TimeProvider time)
{
    // Spent ones are kept for a look at how often they struck.
    private const int MostSpent = 100;

    private readonly Lock _gate = new();
    private volatile ImmutableSortedDictionary<int, Fault> _faults = ImmutableSortedDictionary<int, Fault>.Empty;
    private int _lastId;

    /// <summary>Whether any fault is set that may still befall a request.</summary>
    public bool Any
    {
        get
        {
            var faults = _faults;
            return faults.Count > 0 && faults.Values.Any(fault => !fault.IsSpent);
        }
    }

    /// <summary>All faults, oldest first, spent ones included.</summary>
    public IEnumerable<Fault> All => _faults.Values;

    /// <summary>The fault with a number.</summary>
    /// <param name="id">The number.</param>
    public Fault? Find(int id) => _faults.GetValueOrDefault(id);

    /// <summary>Sets a fault.</summary>
    /// <param name="create">Makes it of its number.</param>
    public Fault Add(Func<int, Fault> create)
    {
        lock (_gate)
        {
            var fault = create(++_lastId);
            var spent = _faults.Values.Where(other => other.IsSpent).Select(other => other.Id);
            _faults = _faults.RemoveRange(spent.SkipLast(MostSpent).ToList()).Add(fault.Id, fault);
            return fault;
        }
    }

    /// <summary>Takes a fault away.</summary>
    /// <param name="id">Its number.</param>
    /// <returns>Whether there was one.</returns>
    public bool Remove(int id)
    {
        lock (_gate)
        {
            var without = _faults.Remove(id);
            var found = without != _faults;
            _faults = without;
            return found;
        }
    }

    /// <summary>Takes all faults away.</summary>
    /// <returns>How many there were.</returns>
    public int Clear()
    {
        lock (_gate)
        {
            var count = _faults.Count;
            _faults = _faults.Clear();
            return count;
        }
    }

    /// <summary>The fault that befalls a request: the oldest one that does.</summary>
    /// <param name="path">The request's path as it was sent.</param>
    public Fault? Next(ReadOnlySpan<char> path)
    {
        foreach (var fault in _faults.Values)
        {
            if (fault.Befalls(path))
            {
                return fault;
            }
        }

        return null;
    }

    /// <summary>Waits as long as a fault wants.</summary>
    /// <param name="fault">The fault.</param>
    /// <param name="cancellationToken">Gives the wait up.</param>
    public Task WaitAsync(Fault fault, CancellationToken cancellationToken) =>
        fault.Delay > TimeSpan.Zero ? Task.Delay(fault.Delay, time, cancellationToken) : Task.CompletedTask;
}
