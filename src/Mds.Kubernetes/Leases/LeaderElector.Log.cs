using Microsoft.Extensions.Logging;

namespace Mds.Kubernetes;

public sealed partial class LeaderElector
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "{Identity} leads: it holds the lease {Namespace}/{Name}.")]
        public static partial void Gained(ILogger logger, string @namespace, string name, string identity);

        [LoggerMessage(2, LogLevel.Warning, "{Identity} no longer leads: it lost the lease {Namespace}/{Name}.")]
        public static partial void Lost(ILogger logger, string @namespace, string name, string identity);

        [LoggerMessage(3, LogLevel.Information, "{Identity} gave the lease {Namespace}/{Name} back.")]
        public static partial void Released(ILogger logger, string @namespace, string name, string identity);

        [LoggerMessage(4, LogLevel.Warning, "The lease {Namespace}/{Name} could not be read or written: {Error}")]
        public static partial void Failed(ILogger logger, string @namespace, string name, string error);
    }
}
