namespace Mds.Server.Reload;

internal sealed partial class LiveState
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The claims in {Source} changed and are in use now.")]
        public static partial void ClaimsReloaded(ILogger logger, string source);

        [LoggerMessage(2, LogLevel.Error, "The changed claims are not used and those from before stay. {Error}")]
        public static partial void ClaimsKept(ILogger logger, string error);

        [LoggerMessage(3, LogLevel.Information, "The file {File} of the account {Account} changed and is in use now.")]
        public static partial void CredentialReloaded(ILogger logger, string account, string file);

        [LoggerMessage(4, LogLevel.Error, "The credential of the account {Account} as it is now cannot be used. {Error}")]
        public static partial void CredentialUnusable(ILogger logger, string account, string error);

        [LoggerMessage(5, LogLevel.Error, "Started without what is wrong here, until it is corrected: {Error}")]
        public static partial void StartedDegraded(ILogger logger, string error);

        [LoggerMessage(6, LogLevel.Error, "What changed is not served, and what was served before stays: it could not be laid over the claims.")]
        public static partial void NotServed(ILogger logger, Exception exception);
    }
}
