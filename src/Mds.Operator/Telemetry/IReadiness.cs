namespace Mds.Operator.Telemetry;

/// <summary>One thing this replica needs before it is sent pods to look at; <c>/readyz</c> asks them all.</summary>
internal interface IReadiness
{
    /// <summary>Why it is not ready yet, as a sentence; null when it is.</summary>
    string? NotReadyBecause { get; }
}
