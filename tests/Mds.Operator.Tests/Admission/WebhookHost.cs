using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Mds.Kubernetes;
using Mds.Operator.Admission;
using Mds.Operator.Api;
using Mds.Operator.Certificates;
using Mds.Operator.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests.Admission;

/// <summary>One replica of the webhook, listening on a free port.</summary>
internal sealed class WebhookHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookHost(WebApplication app) => _app = app;

    public IMeterFactory Meters => _app.Services.GetRequiredService<IMeterFactory>();

    public WebhookCertificates Certificates => _app.Services.GetRequiredService<WebhookCertificates>();

    public int Port => new Uri(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Single(address => address.StartsWith("https", StringComparison.Ordinal))
        .Replace("[::]", "localhost", StringComparison.Ordinal)).Port;

    public IEnumerable<string> NotReadyBecause =>
        _app.Services.GetServices<IReadiness>().Select(readiness => readiness.NotReadyBecause).OfType<string>();

    public Uri Address => new($"https://localhost:{Port}{AdmissionEndpoint.Path}");

    /// <summary>Starts one.</summary>
    /// <param name="options">What the operator was told.</param>
    /// <param name="emulators">The emulators.</param>
    /// <param name="time">The clock.</param>
    /// <param name="client">The cluster; null needs a <paramref name="store"/>.</param>
    /// <param name="store">What stands in for the cluster.</param>
    public static async Task<WebhookHost> StartAsync(
        OperatorOptions options, IEmulatorSource emulators, TimeProvider time, KubeClient? client, ICertificateStore? store = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(emulators);
        builder.Services.AddSingleton(time);
        if (client is not null)
        {
            builder.Services.AddSingleton(client);
        }

        builder.Services.AddAdmission();
        if (store is not null)
        {
            builder.Services.AddSingleton(store);
        }

        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenAdmission();
            kestrel.Listen(System.Net.IPAddress.Loopback, 0);
        });
        var app = builder.Build();
        app.UseAdmission();
        app.Run(context => context.Response.WriteAsync("in the clear"));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new WebhookHost(app);
    }

    public static OperatorOptions Options(string @namespace, string configuration = "mds") => new()
    {
        Namespace = @namespace,
        PodName = "mds-operator-0",
        ServerImage = "example/mds-server",
        WebhookPort = 0,
        WebhookConfiguration = configuration,
        ShutdownDelay = TimeSpan.Zero,
    };

    /// <summary>A client that trusts some authorities and nothing else, as the API server does.</summary>
    public static HttpClient ClientTrusting(IEnumerable<X509Certificate2> authorities, DateTimeOffset now) =>
        new(new SocketsHttpHandler
        {
            SslOptions =
            {
                RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                    (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                    && new X509Certificate2(certificate!).IsTrustedBy(authorities, now),
            },
        });

    public Task StopAsync() => _app.StopAsync();

    public Uri ClearAddress => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!
        .Addresses.Single(address => address.StartsWith("http:", StringComparison.Ordinal)));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
