using System.Diagnostics.Metrics;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Telemetry;

/// <summary>What the operator measures of its reconciling.</summary>
internal sealed class OperatorMetrics
{
    /// <summary>The meter of everything the operator measures.</summary>
    public const string MeterName = "Mds.Operator";

    private readonly Meter _meter;
    private readonly Counter<long> _reconciles;
    private readonly Histogram<double> _durations;

    /// <summary>Creates the instruments.</summary>
    public OperatorMetrics(IMeterFactory meters)
    {
        _meter = meters.Create(MeterName);
        _reconciles = _meter.CreateCounter<long>("mds_operator_reconciles_total", description: "How often an emulator was reconciled, by result.");
        _durations = _meter.CreateHistogram<double>("mds_operator_reconcile_duration_seconds", "s", "How long reconciling an emulator took.");
    }

    /// <summary>Counts one reconciling.</summary>
    public void Reconciled(bool failed, TimeSpan duration)
    {
        _reconciles.Add(1, new KeyValuePair<string, object?>("result", failed ? "error" : "success"));
        _durations.Record(duration.TotalSeconds);
    }

    /// <summary>Shows what stands at the moment.</summary>
    /// <param name="leads">Whether this replica reconciles.</param>
    /// <param name="queueDepth">How many emulators wait.</param>
    /// <param name="emulators">All emulators; shown by the leader alone, so that a sum over replicas is right.</param>
    public void Observe(Func<bool> leads, Func<int> queueDepth, Func<IReadOnlyList<Emulator>> emulators)
    {
        _meter.CreateObservableGauge("mds_operator_leader", () => leads() ? 1 : 0, description: "Whether this replica reconciles.");
        _meter.CreateObservableGauge("mds_operator_queue_depth", queueDepth, description: "How many emulators wait to be reconciled.");
        _meter.CreateObservableGauge(
            "mds_operator_emulators",
            () => (leads() ? emulators() : [])
                .GroupBy(emulator => EmulatorStatus.ConditionOf(emulator.Status, "Ready")?["status"]?.GetValue<string>() ?? "Unknown")
                .Select(group => new Measurement<int>(group.Count(), new KeyValuePair<string, object?>("ready", group.Key))),
            description: "How many emulators there are, by the status of their condition Ready.");
    }
}
