using System.Net;
using System.Security.Authentication;
using Mds.Kubernetes;
using Mds.Operator.Certificates;
using Mds.Operator.Telemetry;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Mds.Operator.Admission;

/// <summary>Adds the webhook to a host.</summary>
internal static class AdmissionRegistration
{
    /// <summary>
    /// Registers the webhook and its certificates. Needs <see cref="OperatorOptions"/>, <see cref="KubeClient"/>,
    /// <see cref="Api.IEmulatorSource"/>, <see cref="TimeProvider"/> and metrics to be registered, too.
    /// </summary>
    /// <param name="services">The host's services.</param>
    public static void AddAdmission(this IServiceCollection services)
    {
        services.AddSingleton<ICertificateStore, ClusterCertificateStore>();
        services.AddSingleton<WebhookCertificates>();
        services.AddSingleton<IReadiness>(provider => provider.GetRequiredService<WebhookCertificates>());
        services.AddHostedService(provider => provider.GetRequiredService<WebhookCertificates>());

        services.AddSingleton<ShutdownDelay>();
        services.AddSingleton<IReadiness>(provider => provider.GetRequiredService<ShutdownDelay>());
        services.AddHostedService(provider => provider.GetRequiredService<ShutdownDelay>());

        services.AddSingleton<EmulatorLookup>();
        services.AddSingleton<PodAdmission>();
        services.AddSingleton<AdmissionMetrics>();
        services.AddSingleton<AdmissionEndpoint>();
    }

    /// <summary>Listens for the API server, with TLS, on <see cref="OperatorOptions.WebhookPort"/>.</summary>
    /// <param name="kestrel">The host's web server.</param>
    public static void ListenAdmission(this KestrelServerOptions kestrel)
    {
        var certificates = kestrel.ApplicationServices.GetRequiredService<WebhookCertificates>();
        var options = kestrel.ApplicationServices.GetRequiredService<OperatorOptions>();
        kestrel.ListenAnyIP(options.WebhookPort, listener => listener.UseHttps(https =>
        {
            // Asked for each connection, so that a renewed certificate needs no restart.
            https.ServerCertificateSelector = (_, _) => certificates.Current;
            https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13;
            https.ClientCertificateMode = ClientCertificateMode.NoCertificate;
        }));
    }

    /// <summary>
    /// Sends whatever came over TLS to the webhook, and nothing else there. Belongs first in the pipeline, so that what
    /// the operator serves in the clear, such as metrics, is not reachable where the API server calls.
    /// </summary>
    /// <param name="app">The host.</param>
    public static void UseAdmission(this IApplicationBuilder app)
    {
        var endpoint = app.ApplicationServices.GetRequiredService<AdmissionEndpoint>();
        app.MapWhen(context => context.Request.IsHttps, webhook => webhook.Run(endpoint.HandleAsync));
    }
}
