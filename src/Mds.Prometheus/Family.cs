using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Mds.Prometheus;

/// <summary>One metric: an instrument and the series it has had.</summary>
internal sealed class Family
{
    /// <summary>
    /// As many series as one metric keeps. Labels are bounded where they are given; should one slip through that a
    /// caller chooses, memory stays bounded all the same.
    /// </summary>
    public const int MostSeries = 4096;

    // Seconds, from what a look-up in memory takes to what a slow issuer takes.
    private static readonly double[] DefaultBounds =
        [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly ConcurrentDictionary<LabelValues, Series> _series = new();
    private readonly bool _isTotal;
    private volatile string[]? _labelNames;

    public Family(Instrument instrument)
    {
        var kind = instrument.GetType().GetGenericTypeDefinition();
        IsObservable = instrument.IsObservable;
        Type = kind == typeof(Histogram<>) ? MetricType.Histogram
            : kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>) ? MetricType.Counter
            : MetricType.Gauge;
        // These two measure a change; everything else but a histogram states the value as it stands.
        _isTotal = kind == typeof(Counter<>) || kind == typeof(UpDownCounter<>);
        Name = PrometheusText.MetricName(instrument.Name);
        Help = instrument.Description ?? "";
        Bounds = Type == MetricType.Histogram ? (instrument as Histogram<double>)?.Advice?.HistogramBucketBoundaries?.ToArray() ?? DefaultBounds : [];
    }

    public string Name { get; }

    public string Help { get; }

    public MetricType Type { get; }

    public double[] Bounds { get; }

    public bool IsObservable { get; }

    public IReadOnlyList<string> LabelNames => _labelNames ?? [];

    public IEnumerable<KeyValuePair<LabelValues, Series>> Series => _series;

    public void Clear() => _series.Clear();

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (_labelNames is null && tags.Length > 0)
        {
            _labelNames = Names(tags);
        }

        var values = LabelValues.Of(tags);
        if (!_series.TryGetValue(values, out var series))
        {
            if (_series.Count >= MostSeries)
            {
                return;
            }

            series = _series.GetOrAdd(values, static (_, family) => new Series(family.Bounds, family.Type == MetricType.Histogram), this);
        }

        if (Type == MetricType.Histogram)
        {
            series.Count(value);
        }
        else if (_isTotal)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    private static string[] Names(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var names = new string[Math.Min(tags.Length, LabelValues.Most)];
        for (var i = 0; i < names.Length; i++)
        {
            names[i] = PrometheusText.LabelName(tags[i].Key);
        }

        return names;
    }
}
