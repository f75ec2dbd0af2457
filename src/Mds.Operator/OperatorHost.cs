using Mds.Kubernetes;
using Mds.Operator.Admission;
using Mds.Operator.Api;
using Mds.Operator.Emulators;
using Mds.Operator.Telemetry;
using Mds.Prometheus;
using Microsoft.Extensions.Logging.Console;

namespace Mds.Operator;

/// <summary>The operator as one host: cache, reconciling, webhook, health.</summary>
internal static class OperatorHost
{
    /// <summary>Puts it together; nothing is sent anywhere before it is started.</summary>
    /// <param name="options">What it was told.</param>
    /// <param name="cluster">The API server.</param>
    /// <param name="configure">Replaces parts, in tests.</param>
    public static WebApplication Build(OperatorOptions options, KubeConfig cluster, Action<IServiceCollection>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "mds-operator" });
        builder.Logging.SetMinimumLevel(options.LogLevel);
        // ASP.NET's own lines say nothing a user of the operator can act on.
        builder.Logging.AddFilter("Microsoft", level => level >= LogLevel.Warning && level >= options.LogLevel);
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.ListenAnyIP(options.MetricsPort);
            kestrel.ListenAdmission();
        });

        var services = builder.Services;
        services.Configure<HostOptions>(host => host.ShutdownTimeout = options.ShutdownDelay + TimeSpan.FromSeconds(20));
        services.AddRoutingCore();
        services.AddMetricsExport();
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(provider => new KubeClient(cluster, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClusterCache>();
        services.AddSingleton<IReadiness>(provider => provider.GetRequiredService<ClusterCache>());
        services.AddSingleton<EmulatorSource>();
        services.AddSingleton<IEmulatorSource>(provider => provider.GetRequiredService<EmulatorSource>());
        services.AddSingleton<IEmulatorProbe, HttpEmulatorProbe>();
        services.AddSingleton<EmulatorObjects>();
        services.AddSingleton<OperatorMetrics>();
        services.AddSingleton<Reconciler>();
        services.AddSingleton(provider => new EventRecorder(
            provider.GetRequiredService<KubeClient>(),
            WellKnown.FieldManager,
            options.PodName,
            provider.GetRequiredService<ILogger<EventRecorder>>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new LeaderElectorOptions { Namespace = options.Namespace, Name = options.Lease, Identity = options.PodName });
        services.AddSingleton<LeaderElector>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterCache>());
        services.AddHostedService<ReconcileLoop>();
        services.AddAdmission();
        configure?.Invoke(services);

        var app = builder.Build();
        // Made now, so that nothing that is measured from the start is missed.
        app.Services.GetRequiredService<PrometheusExporter>();
        app.UseAdmission();
        app.UseRouting();
        app.MapHealth();
        return app;
    }
}
