using Mds.Server.Listeners;

namespace Mds.Server;

internal sealed partial class RunningServer
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Kind} is served on {Url}.")]
        public static partial void Listening(ILogger logger, ListenerKind kind, string url);

        [LoggerMessage(2, LogLevel.Warning, "{Note}")]
        public static partial void Note(ILogger logger, string note);

        [LoggerMessage(3, LogLevel.Information, "Told to stop; going on for {Seconds} s so that callers can turn elsewhere.")]
        public static partial void Lingering(ILogger logger, double seconds);

        [LoggerMessage(4, LogLevel.Information, "Stopped.")]
        public static partial void Stopped(ILogger logger);
    }
}
