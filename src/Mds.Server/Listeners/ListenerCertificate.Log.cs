namespace Mds.Server.Listeners;

internal sealed partial class ListenerCertificate
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The certificate in {File} changed and is in use now; it expires at {ExpiresAt}.")]
        public static partial void Reloaded(ILogger logger, string file, DateTimeOffset expiresAt);

        [LoggerMessage(2, LogLevel.Error, "The changed certificate of the TLS listener is not used. {Problem}")]
        public static partial void Kept(ILogger logger, string problem);
    }
}
