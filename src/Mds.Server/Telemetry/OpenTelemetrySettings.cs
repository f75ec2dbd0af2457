using System.Globalization;

namespace Mds.Server.Telemetry;

/// <summary>What the standard <c>OTEL_*</c> variables ask for. OpenTelemetry itself reads the rest of them.</summary>
/// <param name="Metrics">Where metrics are sent; <see langword="null"/> for nowhere.</param>
/// <param name="Logs">Where log lines are sent; <see langword="null"/> for nowhere.</param>
internal sealed record OpenTelemetrySettings(OtlpSignal? Metrics = null, OtlpSignal? Logs = null)
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";
    private const int GrpcPort = 4317;

    /// <summary>Reads the variables (docs: opentelemetry.io, "Environment variable specification").</summary>
    /// <param name="variables">The variables of the process.</param>
    /// <param name="errors">Takes a sentence for each thing that is wrong with them.</param>
    /// <param name="notes">Takes a sentence for each thing that they ask for in vain.</param>
    public static OpenTelemetrySettings Read(IReadOnlyDictionary<string, string> variables, List<string> errors, List<string> notes)
    {
        if (Value(variables, "OTEL_SDK_DISABLED") is { } disabled && disabled.Equals("true", StringComparison.OrdinalIgnoreCase))
        {
            return new OpenTelemetrySettings();
        }

        return new OpenTelemetrySettings(Signal(variables, "METRICS", errors, notes), Signal(variables, "LOGS", errors, notes));
    }

    // The specification exports by default; here, only where something says so, since variables such as OTEL_SERVICE_NAME
    // are given to every container of many clusters.
    private static OtlpSignal? Signal(IReadOnlyDictionary<string, string> variables, string signal, List<string> errors, List<string> notes)
    {
        var own = $"OTEL_EXPORTER_OTLP_{signal}_";
        var (endpointName, endpoint) = First(variables, own + "ENDPOINT", Endpoint);
        var (protocolName, protocol) = First(variables, own + "PROTOCOL", Protocol);
        var exporterName = $"OTEL_{signal}_EXPORTER";
        var exporter = Value(variables, exporterName);
        if (exporter is "console" or "prometheus")
        {
            // Exporters of the specification, which may be meant for the other programs that got the variable.
            notes.Add($"{exporterName}: \"{exporter}\" is not an exporter that is there; nothing is exported. Use otlp or none.");
            return null;
        }

        if (exporter is not (null or "otlp" or "none"))
        {
            Add($"{exporterName}: \"{exporter}\" is not an exporter that is there. Use otlp or none.");
        }

        if (exporter == "none" || (exporter is null && endpoint is null))
        {
            return null;
        }

        Uri? address = null;
        if (endpoint is not null && (!Uri.TryCreate(endpoint, UriKind.Absolute, out address) || address.Scheme is not ("http" or "https")))
        {
            Add($"{endpointName}: \"{endpoint}\" is not an address. Give one such as http://127.0.0.1:4318.");
        }

        if (protocol is not (null or "grpc" or "http/protobuf"))
        {
            Add($"{protocolName}: \"{protocol}\" is not spoken here. Use http/protobuf or grpc.");
        }

        int? timeout = null;
        if (Value(variables, own + "TIMEOUT") is { } text)
        {
            timeout = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) ? milliseconds : null;
            if (timeout is null)
            {
                Add($"{own}TIMEOUT: \"{text}\" is not a number of milliseconds.");
            }
        }

        // Without a word about it, the port that gRPC has by custom decides; else it is HTTP, as the specification wants.
        return new OtlpSignal(
            protocol is null ? address?.Port == GrpcPort : protocol == "grpc",
            endpointName == Endpoint ? null : address,
            Value(variables, own + "HEADERS"),
            timeout);

        // Both signals share variables; what is wrong with them is said once.
        void Add(string error)
        {
            if (!errors.Contains(error))
            {
                errors.Add(error);
            }
        }
    }

    private static (string Name, string? Value) First(IReadOnlyDictionary<string, string> variables, string name, string otherwise) =>
        Value(variables, name) is { } value ? (name, value) : (otherwise, Value(variables, otherwise));

    private static string? Value(IReadOnlyDictionary<string, string> variables, string name) =>
        variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
