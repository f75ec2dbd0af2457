using System.Diagnostics.Metrics;
using Mds.Prometheus;

namespace Mds.Operator.Telemetry;

/// <summary>What a replica says of itself over plain HTTP.</summary>
internal static class HealthEndpoints
{
    /// <summary>Adds <c>/healthz</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/healthz", () => Results.Text("ok\n"));
        app.MapGet("/readyz", (IEnumerable<IReadiness> conditions) =>
        {
            var missing = conditions.Select(condition => condition.NotReadyBecause).OfType<string>().ToList();
            return missing.Count == 0
                ? Results.Text("ok\n")
                : Results.Text(string.Join('\n', missing) + "\n", statusCode: StatusCodes.Status503ServiceUnavailable);
        });
        app.MapGet("/metrics", (PrometheusExporter exporter) => Results.Text(exporter.Render(), PrometheusExporter.ContentType));
    }

    /// <summary>Adds the exporter of this host's own meters.</summary>
    public static void AddMetricsExport(this IServiceCollection services)
    {
        services.AddMetrics();
        services.AddSingleton(provider =>
        {
            var factory = provider.GetRequiredService<IMeterFactory>();
            return new PrometheusExporter(meter => meter.Name == OperatorMetrics.MeterName && ReferenceEquals(meter.Scope, factory));
        });
    }
}
