using System.Collections.Immutable;
using Mds.Metadata;

namespace Mds.Server.Simulation;

/// <summary>
/// The events that were raised, by number. Says when what the metadata tell of them changes: when one is raised or
/// cancelled, and at each moment of its time-line.
/// </summary>
internal sealed class SimulatedEvents : IDisposable
{
    // Of a migration that is over, something stays: the clock's drift token. Older ones say nothing that later ones do not.
    private const int MostKept = 100;

    // A timer's own limit is at 49 days.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private volatile ImmutableSortedDictionary<int, SimulatedEvent> _events = ImmutableSortedDictionary<int, SimulatedEvent>.Empty;
    private int _lastId;

    /// <summary>Begins without any event.</summary>
    /// <param name="time">The clock that time-lines go by.</param>
    public SimulatedEvents(TimeProvider time)
    {
        _time = time;
        _timer = time.CreateTimer(_ => Tell(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Called when the metadata have to be made anew.</summary>
    public event Action? Changed;

    /// <summary>All events, oldest first.</summary>
    public IEnumerable<SimulatedEvent> All => _events.Values;

    /// <summary>What the metadata say of all events at this moment.</summary>
    public ClaimsPatch Patch
    {
        get
        {
            var now = _time.GetUtcNow();
            return _events.Values.Aggregate(ClaimsPatch.None, (patch, simulated) => patch.Then(simulated.PatchAt(now)));
        }
    }

    /// <summary>The event with a number.</summary>
    /// <param name="id">The number.</param>
    public SimulatedEvent? Find(int id) => _events.GetValueOrDefault(id);

    /// <summary>Raises an event.</summary>
    /// <param name="create">Makes it of its number and the moment.</param>
    public SimulatedEvent Raise(Func<int, DateTimeOffset, SimulatedEvent> create)
    {
        SimulatedEvent raised;
        lock (_gate)
        {
            raised = create(++_lastId, _time.GetUtcNow());
            _events = _events.Add(raised.Id, raised);
            var now = _time.GetUtcNow();
            var over = _events.Values.Where(other => other.PhaseAt(now) == SimulatedEventPhase.After).Select(other => other.Id);
            _events = _events.RemoveRange(over.SkipLast(MostKept).ToList());
        }

        Tell();
        return raised;
    }

    /// <summary>Takes an event away, as if it had never been.</summary>
    /// <param name="id">Its number.</param>
    /// <returns>Whether there was one.</returns>
    public bool Cancel(int id)
    {
        lock (_gate)
        {
            var without = _events.Remove(id);
            if (without == _events)
            {
                return false;
            }

            _events = without;
        }

        Tell();
        return true;
    }

    /// <summary>Takes all events away.</summary>
    /// <returns>How many there were.</returns>
    public int CancelAll()
    {
        int count;
        lock (_gate)
        {
            count = _events.Count;
            _events = _events.Clear();
        }

        Tell();
        return count;
    }

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private void Tell()
    {
        lock (_gate)
        {
            var now = _time.GetUtcNow();
            if (_events.Values.Min(simulated => simulated.NextChangeAfter(now)) is { } next)
            {
                // Rounded up to the timer's unit: one that comes early would find nothing changed.
                var sleep = TimeSpan.FromMilliseconds(Math.Ceiling((next - now).TotalMilliseconds));
                _timer.Change(sleep < LongestSleep ? sleep : LongestSleep, Timeout.InfiniteTimeSpan);
            }
        }

        Changed?.Invoke();
    }
}
