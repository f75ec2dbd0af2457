using System.Text.Json.Nodes;
using ControlPlane;

namespace Mds.Kubernetes.Tests.Client;

public sealed class WatchTests(ControlPlaneFixture controlPlane)
{
    private static readonly ResourceType ConfigMaps = KubeResources.ConfigMaps;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => controlPlane.Client;

    [Fact]
    public async Task WatchAsync_FromAListsVersion_ReportsEachChangeSince()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "before"), cancellationToken: Ct);
        var list = await Client.ListAsync(ConfigMaps, ns, cancellationToken: Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a"), cancellationToken: Ct);
        await Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1")), "tests", cancellationToken: Ct);
        await Client.DeleteAsync(ConfigMaps, ns, "a", cancellationToken: Ct);

        var seen = new List<string>();
        await foreach (var watched in Client.WatchAsync(ConfigMaps, ns, new WatchOptions { ResourceVersion = list.ResourceVersion }, Ct))
        {
            seen.Add($"{watched.Type} {KubeJson.NameOf(watched.Resource)} {Objects.Datum(watched.Resource, "x")}");
            if (seen.Count == 3)
            {
                break;
            }
        }

        Assert.Equal(["Added a ", "Modified a 1", "Deleted a 1"], seen);
    }

    [Fact]
    public async Task WatchAsync_OnlyOtherNamespacesChange_BookmarksTheirVersion()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var other = await controlPlane.CreateNamespaceAsync(Ct);
        var list = await Client.ListAsync(ConfigMaps, ns, cancellationToken: Ct);

        // The server sends a bookmark two seconds before the end of a watch, if anything of the type changed meanwhile.
        JsonObject? bookmark = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var options = new WatchOptions { ResourceVersion = list.ResourceVersion, Timeout = TimeSpan.FromSeconds(4) };
                var first = await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, $"m-{Guid.NewGuid()}"), cancellationToken: Ct);
                await foreach (var watched in Client.WatchAsync(ConfigMaps, ns, options, Ct))
                {
                    if (watched.Type == WatchEventType.Bookmark)
                    {
                        bookmark = watched.Resource;
                    }
                    else if (KubeJson.NameOf(watched.Resource) == KubeJson.NameOf(first))
                    {
                        list = list with { ResourceVersion = KubeJson.ResourceVersionOf(first) };
                        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(other, $"m-{Guid.NewGuid()}"), cancellationToken: Ct);
                    }
                }

                return bookmark is not null;
            },
            "a bookmark comes",
            Ct);

        Assert.NotEqual(list.ResourceVersion, KubeJson.ResourceVersionOf(bookmark!));
        Assert.Equal("ConfigMap", KubeJson.TextOf(bookmark!["kind"]));
    }

    [Fact]
    public async Task WatchAsync_CompactedVersion_IsGone()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var list = await Client.ListAsync(Objects.LimitRanges, ns, cancellationToken: Ct);
        // Two, as the last revision of all is not compacted.
        await Client.CreateAsync(Objects.LimitRanges, Objects.LimitRange(ns, "a"), cancellationToken: Ct);
        await Client.CreateAsync(Objects.LimitRanges, Objects.LimitRange(ns, "b"), cancellationToken: Ct);
        await controlPlane.CompactAsync(Ct);

        var error = await Assert.ThrowsAsync<KubeApiException>(() =>
            Client.WatchAsync(Objects.LimitRanges, ns, new WatchOptions { ResourceVersion = list.ResourceVersion }, Ct).ToListAsync(Ct).AsTask());

        Assert.True(error.IsGone, error.Message);
        Assert.Equal("Expired", error.Reason);
    }

    [Fact]
    public async Task WatchAsync_Cancelled_EndsAsCancelled()
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a"), cancellationToken: Ct);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var watched in Client.WatchAsync(ConfigMaps, ns, cancellationToken: ending.Token))
            {
                await ending.CancelAsync();
            }
        });
    }
}
