namespace Mds.Prometheus;

/// <summary>The types of metric that the text format names.</summary>
internal enum MetricType
{
    /// <summary>A value that only grows.</summary>
    Counter,

    /// <summary>A value that goes up and down.</summary>
    Gauge,

    /// <summary>Counts of values by size.</summary>
    Histogram,
}
