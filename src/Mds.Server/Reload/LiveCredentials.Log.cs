namespace Mds.Server.Reload;

internal sealed partial class LiveCredentials
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "No new token for the account {Account}: {Error}")]
        public static partial void TokenFailed(ILogger logger, string account, string error);

        [LoggerMessage(2, LogLevel.Information, "The account {Account} gets tokens again.")]
        public static partial void TokenRecovered(ILogger logger, string account);

        [LoggerMessage(3, LogLevel.Warning,
            "The claims call the account {Account} {Email}, but its tokens stand for {Principal}. Clients that compare the two will stumble.")]
        public static partial void PrincipalDiffers(ILogger logger, string account, string email, string principal);

        [LoggerMessage(4, LogLevel.Warning,
            "The claims say that the machine is in the universe {Universe}, but the credential of the account {Account} is for {Own}. Clients refuse tokens of another universe: correct universe-domain in the claims, or give another credential.")]
        public static partial void UniverseDiffers(ILogger logger, string account, string universe, string own);

        [LoggerMessage(5, LogLevel.Warning, "The account {Account} could not get {Wanted}: {Error}")]
        public static partial void CallFailed(ILogger logger, string account, string wanted, string error);
    }
}
