using System.Runtime.InteropServices;
using Mds.Server.Telemetry;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Telemetry;

/// <summary>Export by OTLP, of the real process: OpenTelemetry reads the variables of the process itself.</summary>
public sealed class OtlpExportTests
{
    [Fact]
    public async Task Run_WithAnEndpoint_ExportsMetricsAndLogs()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = ServerProcess.Start(
            ["-local", "-port", "0"],
            ("OTEL_EXPORTER_OTLP_ENDPOINT", collector.Url),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test"));
        using var client = new HttpClient { BaseAddress = await process.ListeningAsync() };
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        await client.GetStringAsync("/computeMetadata/v1/project/project-id", TestContext.Current.CancellationToken);

        await Eventually.TrueAsync(
            () => new[] { "metadata_endpoint_path_requests", "metadata_endpoint_latency_seconds", "mds_waiters" }.All(collector.ByName.ContainsKey),
            "metrics arrive");
        Assert.Equal("s", collector.ByName["metadata_endpoint_latency_seconds"]);
        Assert.Equal(("mds-server", "test"), (collector.Resource["service.name"], collector.Resource["deployment.environment"]));

        // The last lines are exported when the server stops.
        await process.SignalAsync(PosixSignal.SIGTERM);
        Assert.Equal(0, await process.ExitCodeAsync());
        Assert.Contains(collector.LogLines, line => line.StartsWith("Metadata is served on", StringComparison.Ordinal));
        Assert.Contains("Stopped.", collector.LogLines);
    }

    [Fact]
    public async Task Run_WithAServiceName_ExportsUnderIt()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using var process = ServerProcess.Start(
            ["-port", "0"],
            ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", collector.Url + "/v1/metrics"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "100"),
            ("OTEL_SERVICE_NAME", "another"));
        await process.ListeningAsync();

        await Eventually.TrueAsync(() => collector.ByName.ContainsKey("mds_build_info"), "metrics arrive");
        Assert.Equal("another", collector.Resource["service.name"]);
        Assert.Empty(collector.LogLines);
    }

    // Port 9 (discard) is one that nobody listens on.
    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://127.0.0.1:9/v1/metrics", "OTEL_METRIC_EXPORT_INTERVAL")]
    [InlineData("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", "http://127.0.0.1:9/v1/logs", "OTEL_BLRP_SCHEDULE_DELAY")]
    public async Task Run_CollectorThatIsNotThere_IsALineOfTheLogAndServesOn(string variable, string endpoint, string interval)
    {
        await using var process = ServerProcess.Start(["-port", "0"], (variable, endpoint), (interval, "100"));
        await process.ListeningAsync();

        await Eventually.TrueAsync(() => process.Errors.Contains("An export by OTLP failed", StringComparison.Ordinal), "the failure is logged");
        await process.SignalAsync(PosixSignal.SIGTERM);
        Assert.Equal(0, await process.ExitCodeAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9")]
    [InlineData(false, "OTEL_SERVICE_NAME=x", "OTEL_RESOURCE_ATTRIBUTES=a=b")]
    [InlineData(false, "OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:9", "OTEL_SDK_DISABLED=true")]
    public async Task Run_WhetherAskedTo_LoadsOpenTelemetryOrNot(bool loaded, params string[] variables)
    {
        await using var process = ServerProcess.Start(
            ["-port", "0"], [.. variables.Select(variable => (variable.Split('=', 2)[0], variable.Split('=', 2)[1]))]);
        await process.ListeningAsync();

        Assert.Equal(loaded, File.ReadAllText($"/proc/{process.Id}/maps").Contains("/OpenTelemetry", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("HTTP to the address for all signals; HTTP to the address for all signals", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318")]
    [InlineData("gRPC to the address for all signals; gRPC to the address for all signals", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317")]
    [InlineData("HTTP to the address for all signals; HTTP to the address for all signals", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf")]
    [InlineData("gRPC to the address for all signals; gRPC to the address for all signals", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_EXPORTER_OTLP_PROTOCOL=grpc")]
    [InlineData("HTTP to http://c:4318/v1/metrics; ", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://c:4318/v1/metrics", "OTEL_EXPORTER_OTLP_METRICS_HEADERS=authorization=hunter2")]
    [InlineData("HTTP to the address for all signals; ", "OTEL_METRICS_EXPORTER=otlp")]
    [InlineData("HTTP to the address for all signals; ", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_LOGS_EXPORTER=none")]
    [InlineData("; ", "OTEL_SERVICE_NAME=x")]
    [InlineData("; ", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", "OTEL_SDK_DISABLED=TRUE")]
    public void Read_Variables_DecideWhatIsExported(string expected, params string[] variables)
    {
        var (settings, errors) = Read(variables);

        Assert.Empty(errors);
        Assert.Equal(expected, $"{settings.Metrics}; {settings.Logs}");
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT: \"collector:4317\" is not an address. Give one such as http://127.0.0.1:4318.", "OTEL_EXPORTER_OTLP_ENDPOINT=collector:4317")]
    [InlineData("OTEL_METRICS_EXPORTER: \"zipkin\" is not an exporter that is there. Use otlp or none.", "OTEL_METRICS_EXPORTER=zipkin")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL: \"http/json\" is not spoken here. Use http/protobuf or grpc.", "OTEL_EXPORTER_OTLP_ENDPOINT=http://c", "OTEL_EXPORTER_OTLP_PROTOCOL=http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: \"soon\" is not a number of milliseconds.", "OTEL_METRICS_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_METRICS_TIMEOUT=soon")]
    public void Read_WrongVariable_IsOneSentence(string error, params string[] variables) => Assert.Equal([error], Read(variables).Errors);

    [Theory]
    [InlineData("prometheus")]
    [InlineData("console")]
    public void Read_ExporterOfTheSpecificationThatIsNotThere_IsANoteAndExportsNothing(string exporter)
    {
        var notes = new List<string>();

        var (settings, errors) = Read(["OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4318", $"OTEL_METRICS_EXPORTER={exporter}"], notes);

        Assert.Empty(errors);
        Assert.Equal([$"OTEL_METRICS_EXPORTER: \"{exporter}\" is not an exporter that is there; nothing is exported. Use otlp or none."], notes);
        Assert.Null(settings.Metrics);
        Assert.NotNull(settings.Logs);
    }

    private static (OpenTelemetrySettings Settings, IReadOnlyList<string> Errors) Read(string[] variables, List<string>? notes = null)
    {
        var errors = new List<string>();
        return (OpenTelemetrySettings.Read(variables.ToDictionary(variable => variable.Split('=', 2)[0], variable => variable.Split('=', 2)[1]), errors, notes ?? []), errors);
    }
}
