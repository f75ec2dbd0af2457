using System.Text.Json.Nodes;
using ControlPlane;

namespace Mds.Kubernetes.Tests.Informers;

public sealed class InformerTests(ControlPlaneFixture controlPlane)
{
    private static readonly ResourceType ConfigMaps = KubeResources.ConfigMaps;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => controlPlane.Client;

    [Fact]
    public async Task RunAsync_ObjectsBeforeAndAfter_AreKeptAndTold()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await CreateAsync(ns, "a", "1");
        await using var running = Start(new InformerOptions { Namespace = ns });
        var informer = running.Informer;

        await informer.WaitForSyncAsync(Ct);
        var atSync = informer.List(ns).Select(KubeJson.NameOf).ToList();
        await CreateAsync(ns, "b", "1");
        await Client.PatchAsync(ConfigMaps, ns, "a", new JsonObject { ["data"] = new JsonObject { ["x"] = "2" } }, cancellationToken: Ct);
        await Client.DeleteAsync(ConfigMaps, ns, "b", cancellationToken: Ct);
        await Eventually.TrueAsync(() => running.Changes.All.Count() == 4, "four changes are told", Ct);

        Assert.Equal(["a"], atSync);
        Assert.Equal(["Added a", "Added b", "Updated a 1→2", "Deleted b"], running.Changes.All);
        Assert.Equal("2", Objects.Datum(informer.Find(ns, "a"), "x"));
        Assert.Null(informer.Find(ns, "b"));
        Assert.Empty(informer.List("other"));
        Assert.Equal(1, informer.Lists);
        Assert.Equal(0, informer.Failures);
    }

    [Fact]
    public async Task RunAsync_FailureNobodyForesaw_ListsAgain()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await CreateAsync(ns, "a", "1");
        var failures = 2;
        await using var running = Start(new InformerOptions
        {
            Namespace = ns,
            Transform = _ =>
            {
                if (failures-- > 0)
                {
                    throw new InvalidDataException("what is this?");
                }
            },
        });

        await running.Informer.WaitForSyncAsync(Ct);

        Assert.NotNull(running.Informer.Find(ns, "a"));
        Assert.Equal(2, running.Informer.Failures);
    }

    [Fact]
    public async Task RunAsync_MoreThanOnePage_KeepsAll()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        for (var i = 0; i < 5; i++)
        {
            await CreateAsync(ns, $"m{i}", "1");
        }

        await using var running = Start(new InformerOptions { Namespace = ns, PageSize = 2 });
        await running.Informer.WaitForSyncAsync(Ct);

        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], running.Informer.List().Select(KubeJson.NameOf).Order());
    }

    [Fact]
    public async Task RunAsync_ObjectLosesItsLabel_IsTakenOut()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a").Labelled("watched", "yes"), cancellationToken: Ct);
        await CreateAsync(ns, "b", "1");
        await using var running = Start(new InformerOptions { LabelSelector = "watched=yes", FieldSelector = $"metadata.namespace={ns}" });
        await running.Informer.WaitForSyncAsync(Ct);

        var patch = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = null } };
        await Client.PatchAsync(ConfigMaps, ns, "a", patch, cancellationToken: Ct);
        await Eventually.TrueAsync(() => running.Informer.List().Count == 0, "the object is taken out", Ct);

        Assert.Equal(["Added a", "Deleted a"], running.Changes.All);
    }

    [Fact]
    public async Task RunAsync_DefaultTransform_DropsManagedFieldsOnly()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await CreateAsync(ns, "a", "1");
        var whole = await Client.GetAsync(ConfigMaps, ns, "a", Ct);
        await using var running = Start(new InformerOptions { Namespace = ns });
        await running.Informer.WaitForSyncAsync(Ct);

        Assert.True(whole["metadata"]!.AsObject().Remove("managedFields"));
        Assert.True(JsonNode.DeepEquals(whole, running.Informer.Find(ns, "a")));
    }

    [Fact]
    public async Task AddHandler_AfterSync_IsToldWhatThereIs()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await CreateAsync(ns, "a", "1");
        await using var running = Start(new InformerOptions { Namespace = ns });
        await running.Informer.WaitForSyncAsync(Ct);
        var late = new Changes();

        running.Informer.AddHandler(_ => throw new InvalidOperationException("a broken handler"));
        running.Informer.AddHandler(late.Add);
        await CreateAsync(ns, "b", "1");
        await Eventually.TrueAsync(() => late.All.Count() == 2, "the late handler is told", Ct);

        Assert.Equal(["Added a", "Added b"], late.All);
    }

    [Fact]
    public async Task RunAsync_ConnectionCut_ResumesWithoutListing()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await using var relay = controlPlane.CreateRelay();
        await using var running = Start(new InformerOptions { Namespace = ns }, relay);
        await running.Informer.WaitForSyncAsync(Ct);
        await CreateAsync(ns, "a", "1");
        await Eventually.TrueAsync(() => running.Informer.Find(ns, "a") is not null, "the watch is on", Ct);

        relay.Cut();
        await CreateAsync(ns, "b", "1");
        await Eventually.TrueAsync(() => running.Informer.Find(ns, "b") is not null, "the watch is on again", Ct);

        Assert.Equal(1, running.Informer.Lists);
        Assert.True(running.Informer.Watches > 1);
        Assert.Equal(["Added a", "Added b"], running.Changes.All);
    }

    [Fact]
    public async Task RunAsync_PeerVanishesSilently_IsNoticed()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await using var relay = controlPlane.CreateRelay();
        var config = ThroughRelay(relay) with { PingInterval = TimeSpan.FromSeconds(2) };
        await using var running = new RunningInformer(config, ConfigMaps, new InformerOptions { Namespace = ns });
        await running.Informer.WaitForSyncAsync(Ct);
        await CreateAsync(ns, "a", "1");
        await Eventually.TrueAsync(() => running.Informer.Find(ns, "a") is not null, "the watch is on", Ct);

        relay.Freeze();
        await CreateAsync(ns, "b", "1");
        await Eventually.TrueAsync(() => running.Informer.Find(ns, "b") is not null, "the watch is on again", Ct);

        Assert.Equal(1, running.Informer.Lists);
    }

    [Fact]
    public async Task RunAsync_VersionCompactedWhileAway_ListsAgainAndTellsWhatVanished()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await using var relay = controlPlane.CreateRelay();
        await Client.CreateAsync(Objects.LimitRanges, Objects.LimitRange(ns, "vanishes"), cancellationToken: Ct);
        await Client.CreateAsync(Objects.LimitRanges, Objects.LimitRange(ns, "stays"), cancellationToken: Ct);
        await using var running = new RunningInformer(
            ThroughRelay(relay), Objects.LimitRanges, new InformerOptions { Namespace = ns });
        await running.Informer.WaitForSyncAsync(Ct);

        relay.Down();
        await Client.DeleteAsync(Objects.LimitRanges, ns, "vanishes", cancellationToken: Ct);
        await Client.CreateAsync(Objects.LimitRanges, Objects.LimitRange(ns, "new"), cancellationToken: Ct);
        await controlPlane.CompactAsync(Ct);
        relay.Up();
        await Eventually.TrueAsync(() => running.Informer.Find(ns, "new") is not null, "the informer is current again", Ct);

        Assert.Equal(2, running.Informer.Lists);
        Assert.Equal(
            ["Added new", "Added stays", "Added vanishes", "Deleted vanishes"], running.Changes.All.Order(StringComparer.Ordinal));
    }

    private Task<JsonObject> CreateAsync(string ns, string name, string x) =>
        Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, name, ("x", x)), cancellationToken: Ct);

    private KubeConfig ThroughRelay(Relay relay) =>
        KubeConfig.FromFiles(controlPlane.KubeconfigFor("admin", ["system:masters"], relay));

    private RunningInformer Start(InformerOptions options, Relay? relay = null) =>
        new(relay is null ? controlPlane.Config : ThroughRelay(relay), ConfigMaps, options);
}
