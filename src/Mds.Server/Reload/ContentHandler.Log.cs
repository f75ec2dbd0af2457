namespace Mds.Server.Reload;

internal sealed partial class ContentHandler
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "The new content of {Source} is not in use: taking it in failed in an unforeseen way.")]
        public static partial void Failed(ILogger logger, string source, Exception exception);
    }
}
