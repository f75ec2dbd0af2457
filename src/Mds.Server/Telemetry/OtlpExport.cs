using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Mds.Server.Telemetry;

/// <summary>
/// Sends metrics and log lines to a collector by OTLP. Nothing of OpenTelemetry is loaded before one of these methods is
/// called.
/// </summary>
internal static class OtlpExport
{
    private const string ServiceName = "mds-server";

    /// <summary>Begins to export the server's instruments, if they are, and to log what goes wrong with any export.</summary>
    /// <param name="metrics">Where instruments are sent; <see langword="null"/> for nowhere.</param>
    /// <param name="loggerFactory">Takes what goes wrong.</param>
    /// <returns>What ends it, with a last export.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IDisposable Start(OtlpSignal? metrics, ILoggerFactory loggerFactory) => new RunningExport(
        metrics is null ? null : Sdk.CreateMeterProviderBuilder()
            .AddMeter(ServerMetrics.MeterName)
            .SetResourceBuilder(Resource())
            .AddOtlpExporter(options => Configure(options, metrics))
            .Build(),
        new OtlpFailures(loggerFactory.CreateLogger<OtlpFailures>()));

    /// <summary>Exports log lines besides writing them.</summary>
    /// <param name="logging">Where log lines go.</param>
    /// <param name="signal">Where they are sent.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Logs(ILoggingBuilder logging, OtlpSignal signal)
    {
        logging.AddOpenTelemetry(options =>
        {
            options.IncludeFormattedMessage = true;
            options.SetResourceBuilder(Resource());
            options.AddOtlpExporter(exporter => Configure(exporter, signal));
        });
        // A failed export that is exported fails again.
        logging.AddFilter<OpenTelemetryLoggerProvider>(typeof(OtlpFailures).FullName, LogLevel.None);
    }

    // The variables come last: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES have the last word.
    private static ResourceBuilder Resource() => ResourceBuilder.CreateEmpty()
        .AddTelemetrySdk()
        .AddService(ServiceName, serviceVersion: ServerVersion.Text)
        .AddEnvironmentVariableDetector();

    // The variables for one signal are read by OpenTelemetry for whole hosts only, so they are handed over.
    private static void Configure(OtlpExporterOptions options, OtlpSignal signal)
    {
        options.Protocol = signal.OverGrpc ? OtlpExportProtocol.Grpc : OtlpExportProtocol.HttpProtobuf;
        if (signal.Endpoint is not null)
        {
            options.Endpoint = signal.Endpoint;
        }

        options.Headers = signal.Headers ?? options.Headers;
        options.TimeoutMilliseconds = signal.TimeoutMilliseconds ?? options.TimeoutMilliseconds;
    }

    private sealed class RunningExport(MeterProvider? provider, OtlpFailures failures) : IDisposable
    {
        // A collector that does not answer must not keep the server from ending.
        private const int LongestLastExport = 2000;

        public void Dispose()
        {
            provider?.Shutdown(LongestLastExport);
            provider?.Dispose();
            failures.Dispose();
        }
    }
}
