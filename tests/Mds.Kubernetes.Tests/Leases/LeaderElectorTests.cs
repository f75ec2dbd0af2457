using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ControlPlane;

namespace Mds.Kubernetes.Tests.Leases;

public sealed class LeaderElectorTests(ControlPlaneFixture controlPlane)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RunAsync_LeaderEnds_WindsDownThenHandsOver()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var log = new ConcurrentQueue<string>();
        // Far longer than the test: only the release can hand over.
        var lease = TimeSpan.FromHours(1);
        await using var first = new Candidate("first", ns, controlPlane.Config, log, lease);
        await Eventually.TrueAsync(() => first.Elector.IsLeader, "the first leads", Ct);
        await using var second = new Candidate("second", ns, controlPlane.Config, log, lease);
        await Eventually.TrueAsync(() => second.Elector.Leader == "first", "the second sees the first", Ct);

        await first.DisposeAsync();
        await Eventually.TrueAsync(() => second.Elector.IsLeader, "the second leads", Ct);

        Assert.Equal(["first begins", "first ends", "second begins"], log);
        var spec = (await controlPlane.Client.GetAsync(KubeResources.Leases, ns, "lease", Ct))["spec"]!;
        Assert.Equal("second", KubeJson.TextOf(spec["holderIdentity"]));
        Assert.Equal(1, spec["leaseTransitions"]!.GetValue<int>());
    }

    [Fact]
    public async Task RunAsync_LeaderCutOff_StopsBeforeAnotherBegins()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var log = new ConcurrentQueue<string>();
        await using var relay = controlPlane.CreateRelay();
        var throughRelay = KubeConfig.FromFiles(controlPlane.KubeconfigFor("admin", ["system:masters"], relay));
        await using var first = new Candidate("first", ns, throughRelay, log, TimeSpan.FromSeconds(4));
        await Eventually.TrueAsync(() => first.Elector.IsLeader, "the first leads", Ct);
        await using var second = new Candidate("second", ns, controlPlane.Config, log, TimeSpan.FromSeconds(4));

        relay.Down();
        await Eventually.TrueAsync(() => second.Elector.IsLeader, "the second leads", Ct);
        relay.Up();
        await Eventually.TrueAsync(() => first.Elector.Leader == "second", "the first sees the second", Ct);

        Assert.Equal(["first begins", "first ends", "second begins"], log);
        Assert.False(first.Elector.IsLeader);
    }

    [Fact]
    public async Task RunAsync_LeaseWithoutHolder_IsTaken()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await controlPlane.Client.CreateAsync(KubeResources.Leases, Lease(ns, null), cancellationToken: Ct);

        await using var candidate = new Candidate("only", ns, controlPlane.Config, [], TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => candidate.Elector.IsLeader, "the candidate leads", Ct);
    }

    [Fact]
    public async Task RunAsync_HolderWhoseClockIsAhead_IsWaitedForOnlyTheDurationSeen()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var spec = new JsonObject
        {
            ["holderIdentity"] = "gone",
            ["leaseDurationSeconds"] = 1,
            ["renewTime"] = "2199-01-01T00:00:00.000000Z",
        };
        await controlPlane.Client.CreateAsync(KubeResources.Leases, Lease(ns, spec), cancellationToken: Ct);

        await using var candidate = new Candidate("only", ns, controlPlane.Config, [], TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => candidate.Elector.IsLeader, "the candidate leads", Ct);
    }

    [Fact]
    public async Task RunAsync_WorkFails_GivesTheLeaseBackAndTellsTheError()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var elector = new LeaderElector(controlPlane.Client, Candidate.Options("only", ns, TimeSpan.FromHours(1)));

        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            () => elector.RunAsync(_ => throw new InvalidOperationException("broken"), Ct));

        Assert.Equal("broken", error.Message);
        var lease = await controlPlane.Client.GetAsync(KubeResources.Leases, ns, "lease", Ct);
        Assert.Equal("", KubeJson.TextOf(lease["spec"]!["holderIdentity"]) ?? "");
    }

    [Fact]
    public void Constructor_DeadlineNotShorterThanTheLease_IsRefused() => Assert.Throws<ArgumentException>(
        () => new LeaderElector(controlPlane.Client, Candidate.Options("a", "b", TimeSpan.FromSeconds(1)) with
        {
            RenewDeadline = TimeSpan.FromSeconds(1),
        }));

    private static JsonObject Lease(string ns, JsonObject? spec)
    {
        var lease = new JsonObject
        {
            ["apiVersion"] = "coordination.k8s.io/v1",
            ["kind"] = "Lease",
            ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = "lease" },
        };
        if (spec is not null)
        {
            lease["spec"] = spec;
        }

        return lease;
    }

    private sealed class Candidate : IAsyncDisposable
    {
        private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        private readonly KubeClient _client;
        private readonly Task _running;

        public Candidate(string name, string ns, KubeConfig config, ConcurrentQueue<string> log, TimeSpan lease)
        {
            _client = new KubeClient(config);
            Elector = new LeaderElector(_client, Options(name, ns, lease));
            _running = Elector.RunAsync(
                async leading =>
                {
                    log.Enqueue($"{name} begins");
                    await Task.Delay(Timeout.InfiniteTimeSpan, leading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                    log.Enqueue($"{name} ends");
                },
                _ending.Token);
        }

        public LeaderElector Elector { get; }

        public static LeaderElectorOptions Options(string name, string ns, TimeSpan lease) => new()
        {
            Namespace = ns,
            Name = "lease",
            Identity = name,
            LeaseDuration = lease,
            RenewDeadline = lease / 2,
            RetryPeriod = TimeSpan.FromMilliseconds(100),
        };

        public async ValueTask DisposeAsync()
        {
            if (!_ending.IsCancellationRequested)
            {
                await _ending.CancelAsync();
                await _running;
                _client.Dispose();
            }
        }
    }
}
