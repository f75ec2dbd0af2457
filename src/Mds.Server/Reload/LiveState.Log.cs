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

        [LoggerMessage(6, LogLevel.Error, "No new token for the account {Account}: {Error}")]
        public static partial void TokenFailed(ILogger logger, string account, string error);

        [LoggerMessage(7, LogLevel.Information, "The account {Account} gets tokens again.")]
        public static partial void TokenRecovered(ILogger logger, string account);

        [LoggerMessage(8, LogLevel.Warning,
            "The claims call the account {Account} {Email}, but its tokens stand for {Principal}. Clients that compare the two will stumble.")]
        public static partial void PrincipalDiffers(ILogger logger, string account, string email, string principal);

        [LoggerMessage(10, LogLevel.Warning,
            "The claims say that the machine is in the universe {Universe}, but the credential of the account {Account} is for {Own}. Clients refuse tokens of another universe: correct universe-domain in the claims, or give another credential.")]
        public static partial void UniverseDiffers(ILogger logger, string account, string universe, string own);

        [LoggerMessage(11, LogLevel.Error, "What changed is not served, and what was served before stays: it could not be laid over the claims.")]
        public static partial void NotServed(ILogger logger, Exception exception);

        [LoggerMessage(9, LogLevel.Warning, "The account {Account} could not get {Wanted}: {Error}")]
        public static partial void CallFailed(ILogger logger, string account, string wanted, string error);
    }
}
