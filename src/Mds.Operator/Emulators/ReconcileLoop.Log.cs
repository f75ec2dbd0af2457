namespace Mds.Operator.Emulators;

internal sealed partial class ReconcileLoop
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Emulator {Namespace}/{Name} could not be reconciled, and is tried again: {Reason}")]
        public static partial void Failed(ILogger logger, string @namespace, string name, string reason);

        [LoggerMessage(2, LogLevel.Error, "Emulator {Namespace}/{Name} could not be reconciled, and is tried again. Please report this.")]
        public static partial void Broken(ILogger logger, string @namespace, string name, Exception exception);
    }
}
