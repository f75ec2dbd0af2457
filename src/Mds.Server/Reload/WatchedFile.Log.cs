namespace Mds.Server.Reload;

internal sealed partial class WatchedFile
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The new content of {File} is not in use: taking it in failed in an unforeseen way.")]
        public static partial void Failed(ILogger logger, string file, Exception exception);
    }
}
