using System.Diagnostics.Metrics;
using Mds.Operator.Telemetry;

namespace Mds.Operator.Admission;

/// <summary>Counts what the webhook decided and how long it took.</summary>
internal sealed class AdmissionMetrics
{
    private readonly Counter<long> _reviews;
    private readonly Histogram<double> _duration;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meters">Where the operator's meters come from.</param>
    public AdmissionMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(OperatorMetrics.MeterName);
        _reviews = meter.CreateCounter<long>(
            "mds_operator_admission_reviews_total", "{review}", "Reviews answered, by result (Injected, Skipped, Refused) and reason.");
        _duration = meter.CreateHistogram(
            "mds_operator_admission_duration_seconds", "s", "How long reviews took, by result.",
            advice: new InstrumentAdvice<double>
            {
                HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
            });
    }

    /// <summary>Counts one answer.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="elapsed">How long it took.</param>
    public void Answered(AdmissionReason reason, TimeSpan elapsed)
    {
        var result = new KeyValuePair<string, object?>("result", reason.Outcome.ToString());
        _reviews.Add(1, result, new KeyValuePair<string, object?>("reason", reason.Name));
        _duration.Record(elapsed.TotalSeconds, result);
    }

    /// <summary>Counts one request that was no review.</summary>
    public void Malformed() =>
        _reviews.Add(1, new("result", "Malformed"), new KeyValuePair<string, object?>("reason", "Malformed"));
}
