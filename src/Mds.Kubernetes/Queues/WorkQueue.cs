using System.Threading.Channels;

namespace Mds.Kubernetes;

/// <summary>
/// The queue of client-go's controllers. A key is in the queue at most once however often it is added; it is never
/// given to two workers at a time; and when it is added while a worker has it, it comes again after
/// <see cref="Done"/>. Thread-safe.
/// </summary>
/// <typeparam name="TKey">What is worked on, such as an object's namespace and name.</typeparam>
#pragma warning disable CA1711 // The name every Kubernetes controller gives it.
public sealed class WorkQueue<TKey> : IDisposable
#pragma warning restore CA1711
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;

    /// <summary>Keys that wait to be worked on, whether in the queue or behind a worker that has them.</summary>
    private readonly HashSet<TKey> _dirty;

    private readonly HashSet<TKey> _processing;
    private readonly Dictionary<TKey, int> _failures;
    private readonly Dictionary<TKey, Delayed> _delayed;
    private bool _disposed;

    /// <summary>Creates an empty queue.</summary>
    /// <param name="time">The clock for delays; null is the system's.</param>
    /// <param name="firstBackoff">The first delay of <see cref="AddRateLimited"/>; each next one is twice as long. Default 200 ms.</param>
    /// <param name="longestBackoff">The longest delay of <see cref="AddRateLimited"/>. Default 5 min.</param>
    /// <param name="comparer">When two keys are the same; null is their own equality.</param>
    public WorkQueue(
        TimeProvider? time = null,
        TimeSpan? firstBackoff = null,
        TimeSpan? longestBackoff = null,
        IEqualityComparer<TKey>? comparer = null)
    {
        _time = time ?? TimeProvider.System;
        _backoff = new Backoff(firstBackoff ?? TimeSpan.FromMilliseconds(200), longestBackoff ?? TimeSpan.FromMinutes(5));
        _dirty = new HashSet<TKey>(comparer);
        _processing = new HashSet<TKey>(comparer);
        _failures = new Dictionary<TKey, int>(comparer);
        _delayed = new Dictionary<TKey, Delayed>(comparer);
    }

    /// <summary>How many keys are ready and not with a worker.</summary>
    public int Count => _ready.Reader.Count;

    /// <summary>Adds a key, unless it waits already.</summary>
    /// <param name="key">The key.</param>
    public void Add(TKey key)
    {
        lock (_lock)
        {
            if (!_disposed && _dirty.Add(key) && !_processing.Contains(key))
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Adds a key later. Of several delays of one key the earliest counts.</summary>
    /// <param name="key">The key.</param>
    /// <param name="delay">How much later.</param>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        if (delay <= TimeSpan.Zero)
        {
            Add(key);
            return;
        }

        lock (_lock)
        {
            var due = _time.GetUtcNow() + delay;
            if (_disposed || (_delayed.TryGetValue(key, out var earlier) && earlier.Due <= due))
            {
                return;
            }

            earlier?.Timer?.Dispose();
            var delayed = new Delayed(due);
            _delayed[key] = delayed;
            delayed.Timer = _time.CreateTimer(_ => AddDue(key, delayed), null, delay, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Adds a key after a delay that doubles with every call until <see cref="Forget"/>.</summary>
    /// <param name="key">The key, which failed.</param>
    public void AddRateLimited(TKey key)
    {
        int failures;
        lock (_lock)
        {
            failures = _failures[key] = _failures.GetValueOrDefault(key) + 1;
        }

        AddAfter(key, _backoff.After(failures));
    }

    /// <summary>Ends a key's back-off: the next <see cref="AddRateLimited"/> starts from the first delay again.</summary>
    /// <param name="key">The key, which succeeded or is not to be tried again.</param>
    public void Forget(TKey key)
    {
        lock (_lock)
        {
            _failures.Remove(key);
        }
    }

    /// <summary>How often a key was added by <see cref="AddRateLimited"/> since <see cref="Forget"/>.</summary>
    /// <param name="key">The key.</param>
    public int FailuresOf(TKey key)
    {
        lock (_lock)
        {
            return _failures.GetValueOrDefault(key);
        }
    }

    /// <summary>Takes the next key, waiting for one. Every key taken must be given back by <see cref="Done"/>.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<TKey> GetAsync(CancellationToken cancellationToken)
    {
        var key = await _ready.Reader.ReadAsync(cancellationToken);
        lock (_lock)
        {
            _dirty.Remove(key);
            _processing.Add(key);
        }

        return key;
    }

    /// <summary>Gives a key back; when it was added in the meantime, it is ready again.</summary>
    /// <param name="key">The key.</param>
    public void Done(TKey key)
    {
        lock (_lock)
        {
            if (_processing.Remove(key) && _dirty.Contains(key) && !_disposed)
            {
                _ready.Writer.TryWrite(key);
            }
        }
    }

    /// <summary>Stops the delays; nothing is added any more.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var delayed in _delayed.Values)
            {
                delayed.Timer?.Dispose();
            }

            _delayed.Clear();
        }
    }

    private void AddDue(TKey key, Delayed delayed)
    {
        lock (_lock)
        {
            // A timer that was replaced may fire once more while it is being disposed of.
            if (!_delayed.TryGetValue(key, out var current) || current != delayed)
            {
                return;
            }

            _delayed.Remove(key);
            delayed.Timer?.Dispose();
            Add(key);
        }
    }

    private sealed class Delayed(DateTimeOffset due)
    {
        public DateTimeOffset Due { get; } = due;

        public ITimer? Timer { get; set; }
    }
}
