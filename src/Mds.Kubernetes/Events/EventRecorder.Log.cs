using Microsoft.Extensions.Logging;

namespace Mds.Kubernetes;

public sealed partial class EventRecorder
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The event {Reason} of {Name} could not be recorded: {Error}")]
        public static partial void Failed(ILogger logger, string reason, string name, string error);

        [LoggerMessage(2, LogLevel.Debug, "The event {Reason} of {Name} is left out; there were too many.")]
        public static partial void Dropped(ILogger logger, string reason, string name);
    }
}
