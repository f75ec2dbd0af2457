namespace Mds.Server.Admin.Api;

internal sealed partial class AdminApi
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "By the admin API {Done}.")]
        public static partial void Changed(ILogger logger, string done);
    }
}
