namespace Mds.Prometheus;

/// <summary>
/// The label values of one series, compared by value and held without an array, so that a measurement whose series
/// exists costs no memory.
/// </summary>
internal readonly record struct LabelValues(object? First, object? Second, object? Third, object? Fourth)
{
    /// <summary>As many labels as a metric may have.</summary>
    public const int Most = 4;

    /// <summary>Takes the values of a measurement's tags, in the order in which they are given.</summary>
    /// <param name="tags">The tags.</param>
    public static LabelValues Of(ReadOnlySpan<KeyValuePair<string, object?>> tags) => new(
        tags.Length > 0 ? tags[0].Value : null,
        tags.Length > 1 ? tags[1].Value : null,
        tags.Length > 2 ? tags[2].Value : null,
        tags.Length > 3 ? tags[3].Value : null);

    /// <summary>The value at a position.</summary>
    /// <param name="index">The position, from 0.</param>
    public object? this[int index] => index switch { 0 => First, 1 => Second, 2 => Third, _ => Fourth };
}
