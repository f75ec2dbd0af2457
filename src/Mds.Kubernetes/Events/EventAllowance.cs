namespace Mds.Kubernetes;

/// <summary>
/// How many events an object may have: 25 at once and one more every five minutes, which are client-go's values. Thread-safe.
/// </summary>
internal sealed class EventAllowance(TimeProvider time)
{
    private const int Burst = 25;
    private const int MaxObjects = 4096;

    private static readonly TimeSpan Refill = TimeSpan.FromMinutes(5);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (double Left, long At)> _objects = new(StringComparer.Ordinal);

    /// <summary>Takes one event of an object's allowance.</summary>
    /// <param name="uid">The object.</param>
    /// <returns>Whether there was one left.</returns>
    public bool Take(string uid)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            var left = (double)Burst;
            if (_objects.TryGetValue(uid, out var entry))
            {
                left = Math.Min(Burst, entry.Left + (time.GetElapsedTime(entry.At, now) / Refill));
            }
            else if (_objects.Count >= MaxObjects)
            {
                _objects.Clear();
            }

            var allowed = left >= 1;
            _objects[uid] = (allowed ? left - 1 : left, now);
            return allowed;
        }
    }
}
