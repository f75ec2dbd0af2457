using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests.Cluster;

/// <summary>
/// The whole operator against a real API server, with no more rights than the chart gives it. One for all test classes; the
/// first that needs it starts it (assembly fixtures cannot depend on each other).
/// </summary>
public sealed class OperatorFixture : IAsyncDisposable
{
    private readonly SemaphoreSlim _starting = new(1);
    private readonly AppliedLines _applied = new();
    private WebApplication? _host;

    /// <summary>Where the operator's health and metrics are.</summary>
    public Uri Health { get; private set; } = null!;

    /// <summary>What it applied in a namespace so far, a line each.</summary>
    public IReadOnlyList<string> Applied(string @namespace) => _applied.Of(@namespace);

    /// <summary>Starts it, unless it runs.</summary>
    public async ValueTask StartAsync(ControlPlaneFixture controlPlane)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await _starting.WaitAsync(cancellationToken);
        try
        {
            if (_host is not null)
            {
                return;
            }

            await Installation.ApplyAsync(controlPlane.Client, cancellationToken);
            var account = await controlPlane.ServiceAccountAsync(Installation.Namespace, "mds-operator", cancellationToken);
            var host = OperatorHost.Build(Options("mds-operator-0"), account, services => services.AddLogging(_applied.AddTo));
            await host.StartAsync(CancellationToken.None);
            Health = HealthOf(host);
            _host = host;
        }
        finally
        {
            _starting.Release();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync();
            await _host.DisposeAsync();
        }

        _applied.Dispose();
        _starting.Dispose();
    }

    /// <summary>Where an operator's health and metrics are.</summary>
    internal static Uri HealthOf(WebApplication host)
    {
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses
            .First(candidate => candidate.StartsWith("http://", StringComparison.Ordinal));
        return new UriBuilder(address) { Host = "localhost" }.Uri;
    }

    /// <summary>What an operator of the tests is told.</summary>
    internal static OperatorOptions Options(string podName) => new()
    {
        Namespace = Installation.Namespace,
        PodName = podName,
        ServerImage = "registry.example/mds-server:1",
        WebhookPort = 0,
        MetricsPort = 0,
        ShutdownDelay = TimeSpan.Zero,
        LogLevel = LogLevel.Warning,
    };
}
