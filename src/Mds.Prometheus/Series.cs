namespace Mds.Prometheus;

/// <summary>The numbers of one set of label values. Writers do not wait for each other.</summary>
internal sealed class Series
{
    private readonly double[] _bounds;
    private readonly long[] _buckets;
    private double _value;

    /// <param name="bounds">The upper bounds of a histogram's buckets; empty for other metrics.</param>
    /// <param name="isHistogram">Whether values are counted by size.</param>
    public Series(double[] bounds, bool isHistogram)
    {
        _bounds = bounds;
        _buckets = isHistogram ? new long[bounds.Length + 1] : [];
    }

    /// <summary>The value; a histogram's sum.</summary>
    public double Value => Volatile.Read(ref _value);

    /// <summary>A copy of how many values each bucket holds; the last one holds what is above all bounds.</summary>
    public long[] Buckets()
    {
        var copy = new long[_buckets.Length];
        for (var i = 0; i < copy.Length; i++)
        {
            copy[i] = Volatile.Read(ref _buckets[i]);
        }

        return copy;
    }

    /// <summary>Puts a value in the place of the one before.</summary>
    public void Set(double value) => Volatile.Write(ref _value, value);

    /// <summary>Adds to the value.</summary>
    public void Add(double value)
    {
        double seen;
        do
        {
            seen = Volatile.Read(ref _value);
        }
        while (Interlocked.CompareExchange(ref _value, seen + value, seen) != seen);
    }

    /// <summary>Counts a value in its bucket and in the sum.</summary>
    public void Count(double value)
    {
        var index = 0;
        while (index < _bounds.Length && value > _bounds[index])
        {
            index++;
        }

        Interlocked.Increment(ref _buckets[index]);
        Add(value);
    }
}
