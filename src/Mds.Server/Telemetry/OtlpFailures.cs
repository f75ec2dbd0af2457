using System.Diagnostics.Tracing;
using System.Globalization;

namespace Mds.Server.Telemetry;

/// <summary>Brings what OpenTelemetry says of failed exports, which it tells event listeners only, to the log.</summary>
internal sealed partial class OtlpFailures : EventListener
{
    private const string Source = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    private readonly ILogger<OtlpFailures> _logger;

    /// <summary>Begins to listen.</summary>
    /// <param name="logger">Takes the lines.</param>
    public OtlpFailures(ILogger<OtlpFailures> logger) => _logger = logger;

    /// <inheritdoc/>
    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    /// <inheritdoc/>
    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class may tell of events before this one's constructor has run.
        if (_logger is not null && eventData.Message is { } format)
        {
            // Exceptions come as text with their stacks; the first line says what happened.
            var message = string.Format(CultureInfo.InvariantCulture, format, [.. eventData.Payload ?? Enumerable.Empty<object?>()]);
            Log.Failed(_logger, message.Split('\n')[0].TrimEnd());
        }
    }
}
