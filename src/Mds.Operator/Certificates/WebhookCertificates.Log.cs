namespace Mds.Operator.Certificates;

internal sealed partial class WebhookCertificates
{
    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Webhook readiness: {Problem}")]
        public static partial void Readiness(ILogger logger, string problem);

        [LoggerMessage(2, LogLevel.Warning, "The webhook's certificates could not be looked after and will be soon: {Problem}")]
        public static partial void Failed(ILogger logger, string problem);

        [LoggerMessage(3, LogLevel.Information, "MutatingWebhookConfiguration {Name} now trusts {Authority}")]
        public static partial void Published(ILogger logger, string name, string authority);

        [LoggerMessage(4, LogLevel.Information, "Secret {Namespace}/{Name} was written with authority {Authority}. {Why}")]
        public static partial void AuthorityWritten(ILogger logger, string @namespace, string name, string authority, string why);

        [LoggerMessage(6, LogLevel.Debug, "Another replica wrote the webhook's certificate objects first: {Problem}")]
        public static partial void Overtaken(ILogger logger, string problem);

        [LoggerMessage(5, LogLevel.Information, "A certificate of {Authority} is served, good until {Until:u}")]
        public static partial void Issued(ILogger logger, string authority, DateTime until);
    }
}
