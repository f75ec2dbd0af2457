using Microsoft.Extensions.Logging;

namespace Mds.Kubernetes;

public sealed partial class Informer
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The known version of {Resource} is outdated; listing them again.")]
        public static partial void Outdated(ILogger logger, string resource);

        [LoggerMessage(2, LogLevel.Warning, "Following {Resource} was interrupted and is tried again: {Error}")]
        public static partial void Failed(ILogger logger, string resource, string error);

        [LoggerMessage(4, LogLevel.Error, "Following {Resource} failed in a way nobody foresaw; listing them again.")]
        public static partial void Broken(ILogger logger, string resource, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "A handler failed on a change of {Resource} {Name}.")]
        public static partial void HandlerFailed(ILogger logger, string resource, string name, Exception exception);
    }
}
