using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Mds.Prometheus;

/// <summary>
/// Keeps the current values of the <see cref="System.Diagnostics.Metrics"/> instruments of some meters and renders them
/// as Prometheus text. It stands where prometheus-net or OpenTelemetry's Prometheus exporter would. An instrument's name
/// is its metric's name (a dot becomes <c>_</c>), its description the help text, and the bucket bounds of a histogram
/// come from its <see cref="InstrumentAdvice{T}"/>.
/// </summary>
public sealed class PrometheusExporter : IDisposable
{
    /// <summary>The media type of what <see cref="Render"/> returns.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly ConcurrentDictionary<Instrument, Family> _families = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _rendering = new();

    /// <summary>Begins to listen to the meters with these names.</summary>
    /// <param name="meterNames">The names.</param>
    public PrometheusExporter(params string[] meterNames) : this(meter => meterNames.Contains(meter.Name))
    {
    }

    /// <summary>Begins to listen to the meters that a condition selects, so that two of the same name can be told apart.</summary>
    /// <param name="selects">The condition.</param>
    public PrometheusExporter(Func<Meter, bool> selects)
    {
        ArgumentNullException.ThrowIfNull(selects);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (selects(instrument.Meter))
            {
                var family = _families.GetOrAdd(instrument, static published => new Family(published));
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Family)state!).Take(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((Family)state!).Take((double)value, tags));
        _listener.Start();
    }

    /// <summary>Renders every metric, in the order of their names.</summary>
    /// <returns>The text, in format version 0.0.4.</returns>
    public string Render()
    {
        lock (_rendering)
        {
            // What is observed is stated whole each time; a series that is not stated again is gone.
            foreach (var family in _families.Values.Where(static family => family.IsObservable))
            {
                family.Clear();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Render(_families.Values.OrderBy(static family => family.Name, StringComparer.Ordinal));
        }
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _listener.Dispose();
}
