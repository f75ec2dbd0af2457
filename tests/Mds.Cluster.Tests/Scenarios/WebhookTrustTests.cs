using System.Text;
using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 8: what the API server's trust in the webhook hangs on is taken away.</summary>
public sealed class WebhookTrustTests(ClusterFixture cluster)
{
    [Fact]
    public Task AuthoritySecret_Deleted_IsHealedAndNoPodSlipsThrough() => HealsAsync("ca-secret-deleted", async cancellation =>
    {
        var old = (await SecretAsync(cancellation))!.Uid;
        await cluster.Kubectl.RunAsync(
            cancellation, "delete", "secret", ClusterFixture.AuthoritySecret, "-n", ClusterFixture.Namespace, "--wait=false");
        return async () => await SecretAsync(cancellation) is { } secret && secret.Uid != old
            && secret["data"]?["ca.crt"] is { } authority
            && (await BundleAsync(cancellation)).Contains(Decoded(authority).Trim(), StringComparison.Ordinal);
    });

    [Fact]
    public Task CaBundle_Wiped_IsHealedAndNoPodSlipsThrough() => HealsAsync("ca-bundle-wiped", async cancellation =>
    {
        await cluster.Kubectl.RunAsync(
            cancellation, "patch", ClusterFixture.WebhookConfiguration, "--type=json", "--patch",
            """[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]""");
        return async () => (await BundleAsync(cancellation)).Contains("BEGIN CERTIFICATE", StringComparison.Ordinal);
    });

    /// <summary>Breaks the trust, then creates labelled pods until it is healed and one is let in: each is refused or has everything.</summary>
    private async Task HealsAsync(string name, Func<CancellationToken, Task<Func<Task<bool>>>> breakTrust)
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await TestNamespace.CreateAsync(cluster, name);
        await space.ReadyEmulatorAsync("default", "trust-project");
        var before = await OperatorsAsync(cancellation);
        var slipped = new List<string>();

        var healed = await breakTrust(cancellation);
        await Until.HoldsAsync(
            "labelled pods are let in again",
            async () =>
            {
                var isHealed = await healed();
                var pod = await cluster.Kubectl.TryAsync(
                    ClientPods.Pod(cluster, "client", labelled: true), cancellation,
                    "create", "--namespace", space.Name, "--dry-run=server", "-o", "json", "-f", "-");
                if (pod.Succeeded && !JsonNode.Parse(pod.Output)!.AsObject().VariablesOf(0).SequenceEqual(ClientPods.Variables))
                {
                    slipped.Add(pod.Output);
                }

                return isHealed && pod.Succeeded ? "" : $"healed: {isHealed}\n{pod.Error}";
            },
            problem => problem.Length == 0, cancellation);

        Assert.Empty(slipped);
        Assert.Equal(before, await OperatorsAsync(cancellation));
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        Assert.Equal("trust-project", ClientReport.Parse(await space.LogOfEndedPodAsync("client")).Project);
    }

    private async Task<IReadOnlyList<string>> OperatorsAsync(CancellationToken cancellation) =>
        [.. (await cluster.OperatorPodsAsync(cancellation)).Select(pod => $"{pod.Uid} {pod.Restarts}").Order(StringComparer.Ordinal)];

    /// <summary>The Secret with the webhook's authority; null while there is none.</summary>
    private async Task<JsonObject?> SecretAsync(CancellationToken cancellation)
    {
        var got = await cluster.Kubectl.TryAsync(
            null, cancellation, "get", "secret", ClusterFixture.AuthoritySecret, "-n", ClusterFixture.Namespace, "-o", "json", "--ignore-not-found");
        return string.IsNullOrWhiteSpace(got.Required()) ? null : JsonNode.Parse(got.Output)!.AsObject();
    }

    private async Task<string> BundleAsync(CancellationToken cancellation)
    {
        var configuration = await cluster.GetAsync(cancellation, ClusterFixture.WebhookConfiguration);
        return configuration["webhooks"]![0]!["clientConfig"]!["caBundle"] is { } bundle ? Decoded(bundle) : "";
    }

    private static string Decoded(JsonNode base64) => Encoding.ASCII.GetString(Convert.FromBase64String((string)base64!));
}
