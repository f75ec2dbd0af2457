using System.Text;
using System.Text.Json.Nodes;
using ControlPlane;

namespace Mds.Kubernetes.Tests.Events;

public sealed class EventRecorderTests(ControlPlaneFixture controlPlane)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Record_SameAndOther_CountsTheSameAndKeepsTheOther()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var about = await controlPlane.Client.CreateAsync(KubeResources.ConfigMaps, Objects.ConfigMap(ns, "about"), cancellationToken: Ct);

        await using (var recorder = new EventRecorder(controlPlane.Client, "mds-operator", "pod-1"))
        {
            recorder.Normal(about, "Created", "It was created.");
            recorder.Warning(about, "Broken", "It is broken.");
            recorder.Warning(about, "Broken", "It is broken.");
            recorder.Warning(about, "Broken", "It is broken.");
        }

        var events = (await controlPlane.Client.ListAsync(KubeResources.Events, ns, cancellationToken: Ct)).Items;
        Assert.Equal(
            ["Normal Created It was created. 1", "Warning Broken It is broken. 3"],
            events.Select(e => $"{e["type"]} {e["reason"]} {e["message"]} {e["count"]}").Order());
        Assert.All(events, recorded =>
        {
            Assert.Equal(
                $"v1 ConfigMap {ns} about {KubeJson.UidOf(about)}",
                string.Join(' ', ((string[])["apiVersion", "kind", "namespace", "name", "uid"]).Select(key => recorded["involvedObject"]![key])));
            Assert.Equal("mds-operator", KubeJson.TextOf(recorded["reportingComponent"]));
            Assert.Equal("pod-1", KubeJson.TextOf(recorded["reportingInstance"]));
            Assert.Equal("mds-operator", KubeJson.TextOf(recorded["source"]!["component"]));
            Assert.StartsWith("about.", KubeJson.NameOf(recorded), StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Record_EventExpiredMeanwhile_BeginsAnew()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var about = await controlPlane.Client.CreateAsync(KubeResources.ConfigMaps, Objects.ConfigMap(ns, "about"), cancellationToken: Ct);
        await using var recorder = new EventRecorder(controlPlane.Client, "mds-operator", "pod-1");
        recorder.Normal(about, "Created", "It was created.");
        JsonObject? first = null;
        await Eventually.TrueAsync(async () => (first = await OnlyEventAsync(ns)) is not null, "the event is there", Ct);
        await controlPlane.Client.DeleteAsync(KubeResources.Events, ns, KubeJson.NameOf(first!), cancellationToken: Ct);

        recorder.Normal(about, "Created", "It was created.");
        await recorder.DisposeAsync();

        var second = await OnlyEventAsync(ns);
        Assert.NotEqual(KubeJson.UidOf(first!), KubeJson.UidOf(second!));
        Assert.Equal(1, second!["count"]!.GetValue<int>());
    }

    [Fact]
    public async Task Record_LongNameAndMessage_AreCut()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var name = new string('a', 229) + "." + new string('b', 23);
        var about = await controlPlane.Client.CreateAsync(KubeResources.ConfigMaps, Objects.ConfigMap(ns, name), cancellationToken: Ct);

        await using (var recorder = new EventRecorder(controlPlane.Client, "mds-operator", "pod-1"))
        {
            recorder.Warning(about, "Broken", string.Concat(Enumerable.Repeat("€", 1000)));
        }

        var recorded = await OnlyEventAsync(ns);
        Assert.True(KubeJson.NameOf(recorded!).Length <= 253);
        var message = KubeJson.TextOf(recorded!["message"])!;
        Assert.InRange(Encoding.UTF8.GetByteCount(message), 1020, 1024);
        Assert.EndsWith("€…", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Record_NotAllowedTo_HarmsNobody()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        using var client = new KubeClient(controlPlane.Config.Impersonating("nobody"));

        await using (var recorder = new EventRecorder(client, "mds-operator", "pod-1"))
        {
            recorder.Normal(Objects.ConfigMap(ns, "about"), "Created", "It was created.");
        }

        Assert.Null(await OnlyEventAsync(ns));
    }

    [Fact]
    public void Take_MoreThanTheBurst_WaitsFiveMinutesForEach()
    {
        var time = new ManualTime();
        var allowance = new EventAllowance(time);

        var burst = Enumerable.Range(0, 30).Count(_ => allowance.Take("a"));
        time.Advance(TimeSpan.FromMinutes(5));
        var refilled = (allowance.Take("a"), allowance.Take("a"));

        Assert.Equal(25, burst);
        Assert.Equal((true, false), refilled);
        Assert.True(allowance.Take("b"));
    }

    private async Task<JsonObject?> OnlyEventAsync(string ns) =>
        (await controlPlane.Client.ListAsync(KubeResources.Events, ns, cancellationToken: Ct)).Items.SingleOrDefault();
}
