using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;
using StandIns;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>A key's Secret is replaced, deleted and made again while a pod asks for tokens all the time.</summary>
public sealed class SecretRotationTests(ClusterFixture cluster)
{
    [Fact]
    public async Task Secret_ReplacedAndMadeAgainUnderRequests_NoneFailsAndTheNewKeyIsUsed()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "secret-rotation");
        var (before, after) = (ClientPods.Account("before-rotation"), ClientPods.Account("after-rotation"));
        var google = await GooglePod.CreateAsync(space);
        var (old, @new) = (KeyFile.Make(before, google.TokenUri), KeyFile.Make(after, google.TokenUri));
        await google.StartAsync(
            cluster,
            new Dictionary<string, string> { ["old.pem"] = old.PublicPem, ["new.pem"] = @new.PublicPem },
            "--client", $"{before}=/files/old.pem", "--client", $"{after}=/files/new.pem");
        await space.PutSecretAsync("key", "key.json", old.Json);
        var emulator = await space.ReadyEmulatorAsync("default", "rotation-project", "serviceAccountKey: {secretKeyRef: {name: key, key: key.json}}");
        Assert.Equal(before, (string?)emulator["status"]!["principal"]);
        await space.CreateAsync(ClientPods.Pod(
            cluster,
            "asker",
            labelled: true,
            // Access tokens, which are kept, and identity tokens, each of which is a call.
            """
            ask() { curl --silent --max-time 10 --header 'Metadata-Flavor: Google' --output /dev/null --write-out '%{http_code}\n' "http://$GCE_METADATA_HOST/computeMetadata/v1/instance/service-accounts/default/$1"; }
            until test "$(ask email)" = 200; do sleep 0.1; done
            while test ! -e /tmp/enough; do ask token; ask 'identity?audience=https://service.example'; sleep 0.05; done
            """));
        await space.UntilAsync("pod/asker", "runs", pod => pod.Condition("Ready").IsTrue);
        await Until.HoldsAsync("requests are answered", () => AnswersAsync(space), answers => answers.Count > 10, TestContext.Current.CancellationToken);

        await space.PutSecretAsync("key", "key.json", @new.Json);
        await Until.HoldsAsync(
            "the new key is used", google.CallsAsync, calls => calls.Any(call => (string?)call["issuer"] == after), TestContext.Current.CancellationToken);

        // Deleted, it is told and missed by nobody; made again, it is used.
        await space.KubectlAsync("delete", "secret", "key");
        await space.TellsFailureAsync("default", "CredentialsUnusable", "Secret key, key key.json");
        var calls = (await google.CallsAsync()).Count;
        await space.PutSecretAsync("key", "key.json", old.Json);
        await Until.HoldsAsync(
            "the earlier key is used again", google.CallsAsync, all => all.Skip(calls).Any(call => (string?)call["issuer"] == before),
            TestContext.Current.CancellationToken);
        await space.UntilAsync("mde/default", "is Ready again", seen => seen.Condition("Ready").IsTrue);

        var asked = (await AnswersAsync(space)).Count;
        await Until.HoldsAsync("more requests are answered", () => AnswersAsync(space), answers => answers.Count > asked + 10, TestContext.Current.CancellationToken);
        await space.KubectlAsync("exec", "asker", "--", "touch", "/tmp/enough");
        await space.LogOfEndedPodAsync("asker");

        Assert.All(await AnswersAsync(space), answer => Assert.Equal("200", answer));
        Assert.All(await google.CallsAsync(), call => Assert.True((bool)call["accepted"]!, call.ToJsonString()));
    }

    private static async Task<IReadOnlyList<string>> AnswersAsync(TestNamespace space) =>
        (await space.KubectlAsync("logs", "asker")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
