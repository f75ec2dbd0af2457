using Microsoft.Extensions.Logging.Console;
using Mds.Server.Settings;

namespace Mds.Server.Telemetry;

/// <summary>Where log lines go: to standard error, readable on a terminal and as JSON elsewhere.</summary>
internal static class Logging
{
    /// <summary>Creates the logger factory.</summary>
    /// <param name="settings">The format and the least level.</param>
    /// <param name="isTerminal">Whether a person looks on.</param>
    public static ILoggerFactory Create(ServerSettings settings, bool isTerminal) =>
        LoggerFactory.Create(logging =>
        {
            logging.SetMinimumLevel(settings.LogLevel);
            // The server reports what matters of Kestrel itself; connection noise of strangers is of no use to anybody.
            logging.AddFilter("Microsoft", settings.LogLevel > LogLevel.Warning ? settings.LogLevel : LogLevel.Warning);
            if (settings.LogFormat == LogFormat.Json || (settings.LogFormat == LogFormat.Auto && !isTerminal))
            {
                logging.AddJsonConsole(options =>
                {
                    options.UseUtcTimestamp = true;
                    options.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
                });
            }
            else
            {
                logging.AddSimpleConsole(options =>
                {
                    options.SingleLine = true;
                    options.TimestampFormat = "HH:mm:ss ";
                });
            }

            if (settings.OpenTelemetry.Logs is { } signal)
            {
                OtlpExport.Logs(logging, signal);
            }

            logging.Services.Configure<ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        });
}
