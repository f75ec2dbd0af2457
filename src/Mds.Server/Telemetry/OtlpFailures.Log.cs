namespace Mds.Server.Telemetry;

internal sealed partial class OtlpFailures
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "An export by OTLP failed (OTEL_EXPORTER_OTLP_ENDPOINT says where to): {Message}")]
        public static partial void Failed(ILogger logger, string message);
    }
}
