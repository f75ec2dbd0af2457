using ControlPlane;
using Mds.Kubernetes.Tests.Informers;

namespace Mds.Kubernetes.Tests;

/// <summary>What happens while the API server itself is away; with a control plane of its own for that.</summary>
public sealed class OutageTests(OutageTests.OwnControlPlane own) : IClassFixture<OutageTests.OwnControlPlane>
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ApiServer_KilledAndRestarted_InformerAndElectorCarryOn()
    {
        var controlPlane = own.Fixture;
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await controlPlane.Client.CreateAsync(KubeResources.ConfigMaps, Objects.ConfigMap(ns, "before"), cancellationToken: Ct);
        await using var running = new RunningInformer(controlPlane.Config, KubeResources.ConfigMaps, new InformerOptions { Namespace = ns });
        await running.Informer.WaitForSyncAsync(Ct);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var options = new LeaderElectorOptions
        {
            Namespace = ns,
            Name = "lease",
            Identity = "only",
            LeaseDuration = TimeSpan.FromSeconds(3),
            RenewDeadline = TimeSpan.FromSeconds(2),
            RetryPeriod = TimeSpan.FromSeconds(0.2),
        };
        var elector = new LeaderElector(controlPlane.Client, options);
        var terms = 0;
        var electing = elector.RunAsync(
            async leading =>
            {
                Interlocked.Increment(ref terms);
                await Task.Delay(Timeout.InfiniteTimeSpan, leading);
            },
            ending.Token);
        await Eventually.TrueAsync(() => elector.IsLeader, "the candidate leads", Ct);

        await controlPlane.StopApiServerAsync();
        await Eventually.TrueAsync(() => !elector.IsLeader, "the leader gives up, unable to renew", Ct);
        Assert.Equal("before", KubeJson.NameOf(Assert.Single(running.Informer.List())));
        await controlPlane.StartApiServerAsync(Ct);

        await controlPlane.Client.DeleteAsync(KubeResources.ConfigMaps, ns, "before", cancellationToken: Ct);
        await controlPlane.Client.CreateAsync(KubeResources.ConfigMaps, Objects.ConfigMap(ns, "after"), cancellationToken: Ct);
        await Eventually.TrueAsync(
            () => running.Informer.List().Select(KubeJson.NameOf).SequenceEqual(["after"]), "the informer is current again", Ct);
        await Eventually.TrueAsync(() => elector.IsLeader && terms == 2, "the candidate leads again", Ct);
        Assert.Equal(["Added after", "Added before", "Deleted before"], running.Changes.All.Order(StringComparer.Ordinal));
        await ending.CancelAsync();
        await electing;
    }

    /// <summary>A second control plane, as the assembly's is shared.</summary>
    public sealed class OwnControlPlane : IAsyncLifetime
    {
        public ControlPlaneFixture Fixture { get; } = new();

        public ValueTask InitializeAsync() => Fixture.InitializeAsync();

        public ValueTask DisposeAsync() => Fixture.DisposeAsync();
    }
}
