namespace Mds.Operator.Emulators;

internal sealed partial class ClusterCache
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Connected to the API server at {Server}.")]
        public static partial void Connected(ILogger logger, Uri server);

        [LoggerMessage(2, LogLevel.Warning, "The API server cannot be reached, and is tried again: {Reason}")]
        public static partial void NotConnected(ILogger logger, string reason);
    }
}
