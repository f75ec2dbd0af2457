namespace Mds.Operator.Emulators;

internal sealed partial class EmulatorObjects
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Applied {Kind} {Namespace}/{Name}.")]
        public static partial void Applied(ILogger logger, string kind, string @namespace, string name);

        [LoggerMessage(2, LogLevel.Information, "Deleted {Kind} {Namespace}/{Name}, which is not wanted any more.")]
        public static partial void Deleted(ILogger logger, string kind, string @namespace, string name);
    }
}
