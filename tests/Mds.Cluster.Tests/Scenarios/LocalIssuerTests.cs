using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Tokens of the local issuer, verified by a pod that knows nothing but the issuer's name.</summary>
public sealed class LocalIssuerTests(ClusterFixture cluster)
{
    private const int IssuerPort = 16177;

    [Fact]
    public async Task IdentityToken_OfTwoReplicasWithOneKey_VerifiesInAnotherPodThroughTheService()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "local-issuer");
        using var key = RSA.Create(2048);
        await space.PutSecretAsync("signing", "tls.key", key.ExportPkcs8PrivateKeyPem());
        await space.ApplyAsync(ClientPods.Emulator(
            "default", "issuer-project", "local: {signingKey: {secretKeyRef: {name: signing, key: tls.key}}}", replicas: 2));
        var emulator = await space.UntilAsync("mde/default", "is Ready", seen => seen.Condition("Ready").IsTrue);
        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);

        var tokens = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            tokens.Add(await space.AskAsync("shell", $"instance/service-accounts/default/identity?audience={ClientPods.Audience}&format=full"));
        }

        // The name is given by hosts file, because not every cluster of these tests has DNS.
        var host = $"mds-default.{space.Name}.svc";
        var issuer = $"http://{host}:{IssuerPort}";
        await space.CreateAsync(ClientPods.Pod(
            cluster,
            "verifier",
            labelled: false,
            $"python3 /usr/local/bin/verify.py {issuer} {ClientPods.Audience} {string.Join(' ', tokens)}",
            hostAliases: $"[{{ip: {emulator["status"]!["endpoint"]!["ip"]}, hostnames: [{host}]}}]"));
        var verified = (await space.LogOfEndedPodAsync("verifier")).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonNode.Parse(line)!).ToList();

        Assert.Equal(tokens.Count, verified.Count);
        Assert.All(verified, claims =>
        {
            Assert.Equal(issuer, (string?)claims["iss"]);
            Assert.Equal(ClientPods.Account("issuer-project"), (string?)claims["email"]);
            Assert.Equal("issuer-project", (string?)claims["google"]!["compute_engine"]!["project_id"]);
        });

        // Both replicas publish the same key, and the port of the issuer serves nothing else.
        var servers = await space.ListAsync("pods", "-l", "mds.dev/emulator=default");
        var sets = await Task.WhenAll(servers.Select(pod => space.KubectlAsync("get", "--raw", $"/api/v1/namespaces/{space.Name}/pods/{pod.Name}:{IssuerPort}/proxy/jwks")));
        Assert.Equal(2, sets.Length);
        Assert.Equal(sets[0], sets[1]);
        var metadata = await cluster.Kubectl.TryAsync(
            null, TestContext.Current.CancellationToken, "get", "--raw", $"/api/v1/namespaces/{space.Name}/services/mds-default:{IssuerPort}/proxy/computeMetadata/v1/");
        Assert.False(metadata.Succeeded);
    }
}
