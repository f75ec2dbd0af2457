namespace Mds.Server.Telemetry;

internal sealed partial class AccessLog
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path} {StatusCode} in {Milliseconds} ms, from {Client}, {UserAgent}")]
        public static partial void Answered(
            ILogger logger, string method, string path, int statusCode, double milliseconds, string? client, string userAgent);
    }
}
