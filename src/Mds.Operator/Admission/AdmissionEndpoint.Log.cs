namespace Mds.Operator.Admission;

internal sealed partial class AdmissionEndpoint
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Pod {Namespace}/{Pod}: {Reason}. {Sentence} Dry run: {DryRun}")]
        public static partial void Allowed(
            ILogger logger, string @namespace, string pod, AdmissionReason reason, string sentence, bool dryRun);

        [LoggerMessage(2, LogLevel.Warning, "Pod {Namespace}/{Pod} refused: {Reason}. {Sentence} Dry run: {DryRun}")]
        public static partial void Refused(
            ILogger logger, string @namespace, string pod, AdmissionReason reason, string sentence, bool dryRun);

        [LoggerMessage(3, LogLevel.Warning, "{Method} {Path} on the webhook port was answered with {Status}: {Sentence}")]
        public static partial void Malformed(ILogger logger, string method, string path, int status, string sentence);
    }
}
