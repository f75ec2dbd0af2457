using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Tokens of the local issuer, verified by a pod that knows nothing but the issuer's name; and its keys over TLS.</summary>
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

    [Fact]
    public async Task Keys_OverTls_AreThereOnceTheCertificatesSecretIs()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "issuer-tls");
        await space.ApplyAsync(ClientPods.Emulator("default", "issuer-project", spec: "issuer: {tlsSecretRef: {name: certificate} }"));
        await space.TellsFailureAsync("default", "IssuerCertificateUnusable", "Secret certificate");

        var host = $"mds-default.{space.Name}.svc";
        var (certificate, key) = SelfSigned(host);
        await space.PutSecretAsync("certificate", ("tls.crt", certificate), ("tls.key", key));
        var emulator = await space.UntilAsync("mde/default", "is Ready", seen => seen.Condition("Ready").IsTrue);

        await space.CreateAsync(ClientPods.Pod(
            cluster,
            "verifier",
            labelled: false,
            $"echo '{certificate}' > /tmp/ca.crt && curl --silent --show-error --fail --cacert /tmp/ca.crt https://{host}:{IssuerPort}/.well-known/openid-configuration",
            hostAliases: $"[{{ip: {emulator["status"]!["endpoint"]!["ip"]}, hostnames: [{host}]}}]"));
        var discovery = JsonNode.Parse(await space.LogOfEndedPodAsync("verifier"))!;
        Assert.Equal($"https://{host}:{IssuerPort}", (string?)discovery["issuer"]);
        Assert.StartsWith($"https://{host}:{IssuerPort}/", (string?)discovery["jwks_uri"], StringComparison.Ordinal);
    }

    private static (string Certificate, string Key) SelfSigned(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = DateTimeOffset.UtcNow;
        using var certificate = request.CreateSelfSigned(now.AddHours(-1), now.AddDays(1));
        return (certificate.ExportCertificatePem(), key.ExportPkcs8PrivateKeyPem());
    }
}
