namespace Mds.Operator.Admission;

internal sealed partial class EmulatorLookup
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "MetadataEmulators of namespace {Namespace} could not be read from the API server, so a pod was refused: {Problem}")]
        public static partial void LookupFailed(ILogger logger, string @namespace, string problem);
    }
}
