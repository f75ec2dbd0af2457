namespace Mds.Server.Telemetry;

/// <summary>
/// Where one signal (metrics, log lines) is sent, as far as variables of its own say so; OpenTelemetry reads those for all
/// signals by itself.
/// </summary>
/// <param name="OverGrpc">Whether the receiver speaks gRPC.</param>
/// <param name="Endpoint">The address, path included.</param>
/// <param name="Headers">The headers to send, which may hold secrets.</param>
/// <param name="TimeoutMilliseconds">How long an export may take.</param>
internal sealed record OtlpSignal(bool OverGrpc, Uri? Endpoint = null, string? Headers = null, int? TimeoutMilliseconds = null)
{
    /// <summary>Says nothing of the headers.</summary>
    public override string ToString() => $"{(OverGrpc ? "gRPC" : "HTTP")} to {Endpoint?.ToString() ?? "the address for all signals"}";
}
