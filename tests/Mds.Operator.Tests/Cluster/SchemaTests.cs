using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

public sealed class SchemaTests(ControlPlaneFixture controlPlane, OperatorFixture @operator) : IAsyncLifetime
{
    /// <inheritdoc/>
    public ValueTask InitializeAsync() => @operator.StartAsync(controlPlane);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("""{"mode": "Fleet"}""", "spec.mode")]
    [InlineData("""{"flavor": "AWS"}""", "spec.flavor")]
    [InlineData("""{"claims": {}, "claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}""", "spec")]
    [InlineData("""{"claims": "text"}""", "spec.claims")]
    [InlineData("""{"credentials": [{"local": {}}]}""", "spec.credentials.account")]
    [InlineData("""{"credentials": [{"account": "me", "local": {}}]}""", "spec.credentials.account")]
    [InlineData("""{"credentials": [{"account": "default"}]}""", "spec.credentials")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}, "static": {}}]}""", "spec.credentials")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}}, {"account": "default", "local": {}}]}""", "Duplicate")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "a"}}}]}""", "spec.credentials.serviceAccountKey.secretKeyRef.key")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "A/B", "key": "c"}}}]}""", "spec.credentials.serviceAccountKey.secretKeyRef.name")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "", "key": "c"}}}""", "spec.claimsFrom.configMapKeyRef.name")]
    [InlineData("""{"claimsFrom": {}}""", "spec.claimsFrom")]
    [InlineData("""{"claimsFrom": {"upstream": {"address": "http://a"}}}""", "spec.claimsFrom.upstream.address")]
    [InlineData("""{"endpoints": {"sts": "sts.example"}}""", "spec.endpoints.sts")]
    [InlineData("""{"access": {"allowedHosts": ["a:80/b"]}}""", "spec.access.allowedHosts")]
    [InlineData("""{"credentials": [{"account": "default", "impersonation": {"targetPrincipal": "app"}}]}""", "spec.credentials.impersonation.targetPrincipal")]
    [InlineData("""{"credentials": [{"account": "default", "impersonation": {"targetPrincipal": "a@b", "delegates": ["c"]}}]}""", "spec.credentials.impersonation.delegates")]
    [InlineData("""{"credentials": [{"account": "default", "impersonation": {"targetPrincipal": "a@b", "lifetimeSeconds": 60}}]}""", "spec.credentials.impersonation.lifetimeSeconds")]
    [InlineData("""{"credentials": [{"account": "default", "workloadIdentity": {}}]}""", "spec.credentials.workloadIdentity")]
    [InlineData("""{"credentials": [{"account": "default", "workloadIdentity": {"provider": "pool"}}]}""", "spec.credentials.workloadIdentity.provider")]
    [InlineData("""{"credentials": [{"account": "default", "static": {}}]}""", "spec.credentials.static")]
    [InlineData("""{"credentials": [{"account": "default", "local": {"issuer": "issuer.example"}}]}""", "spec.credentials.local.issuer")]
    [InlineData("""{"credentials": [{"account": "default", "upstream": {"address": "a b"}}]}""", "spec.credentials.upstream.address")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"persistentHandle": "0x81010002"}}]}""", "spec.credentials.tpm")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1"}}]}""", "spec.credentials.tpm")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1", "resource": "a.b/c", "persistentHandle": "0x81010002"}}]}""", "spec.credentials.tpm")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1", "persistentHandle": "0x81010002", "keySecretRef": {"name": "a", "key": "b"}}}]}""", "spec.credentials.tpm")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1", "persistentHandle": "0x01010002"}}]}""", "spec.credentials.tpm.persistentHandle")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1", "persistentHandle": "0x81010002", "pcrs": [24]}}]}""", "spec.credentials.tpm.pcrs")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"device": "/dev/tpmrm0", "group": 2147483648, "persistentHandle": "0x81010002"}}]}""", "spec.credentials.tpm.group")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:65536", "persistentHandle": "0x81010002"}}]}""", "spec.credentials.tpm.address")]
    [InlineData("""{"credentials": [{"account": "default", "tpm": {"address": "a:1", "persistentHandle": "0x81010002", "sessionEncryptionName": "000b62d1"}}]}""", "spec.credentials.tpm.sessionEncryptionName")]
    [InlineData("""{"credentials": [{"account": "default", "workloadIdentity": {"provider": "projects/lab/locations/global/workloadIdentityPools/p/providers/k"}}]}""", "spec.credentials.workloadIdentity.provider")]
    [InlineData("""{"prefetch": "ready"}""", "spec.prefetch")]
    [InlineData("""{"issuer": {"tlsSecretRef": {"name": "A/B"}}}""", "spec.issuer.tlsSecretRef.name")]
    [InlineData("""{"deployment": {"replicas": -1}}""", "spec.deployment.replicas")]
    [InlineData("""{"access": {"namespaces": ["Not A Namespace"]}}""", "spec.access.namespaces")]
    public async Task Create_BadSpec_IsRefusedByTheApiServer(string spec, string path)
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane);

        var refusal = await Assert.ThrowsAsync<KubeApiException>(() => lab.CreateAsync(spec));

        Assert.True(refusal.IsInvalid, refusal.Message);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_EmptySpec_GetsTheDefaults()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");

        var raw = (await lab.ReadAsync()).Raw;

        Assert.Equal("Deployment", (string?)raw["spec"]!["mode"]);
        Assert.Equal("GCE", (string?)raw["spec"]!["flavor"]);
        Assert.Equal(2, (int)raw["spec"]!["deployment"]!["replicas"]!);
        Assert.True((bool)raw["spec"]!["access"]!["networkPolicy"]!);
        Assert.True((bool)raw["spec"]!["injection"]!["env"]!);
    }

    [Fact]
    public async Task Create_EveryKindOfCredential_IsTakenAndWhatItNeedsIsMade()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane,
            """
            {"claims": {"project": {"projectId": "lab"}}, "claimsFrom": {"upstream": {"address": "169.254.169.254"}}, "flavor": "GKE",
             "prefetch": "Ready", "issuer": {"tlsSecretRef": {"name": "issuer"}},
             "endpoints": {"oauth2": "https://oauth2.example", "sts": "https://sts.example", "iamCredentials": "https://iam.example"},
             "credentials": [
              {"account": "default", "workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/lab/providers/k8s", "impersonate": "app@lab"}},
              {"account": "a@lab", "workloadIdentity": {"credentialConfig": {"secretKeyRef": {"name": "aws", "key": "external.json"}}}},
              {"account": "b@lab", "impersonation": {"targetPrincipal": "b@lab", "delegates": ["c@lab"], "source": {"secretKeyRef": {"name": "login", "key": "adc.json"}}}},
              {"account": "c@lab", "static": {"accessToken": {"secretKeyRef": {"name": "tokens", "key": "access"}}, "identityToken": {"secretKeyRef": {"name": "tokens", "key": "identity"}}}},
              {"account": "d@lab", "upstream": {"address": "metadata.example:8080"}},
              {"account": "e@lab", "local": {}},
              {"account": "f@lab", "tpm": {"address": "tpm.example:2321", "keySecretRef": {"name": "tpm", "key": "key.pem"}, "pcrs": [7]}},
              {"account": "g@lab", "tpm": {"device": "/dev/tpmrm0", "group": 112, "persistentHandle": "0x81010002"}},
              {"account": "h@lab", "tpm": {"resource": "tpm.example/tpm", "persistentHandle": "0x81010002"}},
              {"account": "i@lab", "serviceAccountKey": {"useOauthToken": false, "secretKeyRef": {"name": "gcp-key", "key": "key.json"}}}]}
            """);

        // That all of it is made shows that the API server takes every volume, port and context as it was written.
        await lab.UntilAsync("Ready", Reasons.ServerStarting);
        var deployment = await lab.UntilAsync(KubeResources.Deployments);
        Assert.Equal(
            ["settings", "claims", "token-0", "credential-1", "credential-2", "credential-3", "credential-6", "credential-9", "issuer", "device-0"],
            deployment["spec"]!["template"]!["spec"]!["volumes"]!.AsArray().Select(volume => (string)volume!["name"]!));
        var service = await lab.UntilAsync(KubeResources.Services);
        Assert.Equal(["metadata", "issuer"], service["spec"]!["ports"]!.AsArray().Select(port => (string)port!["name"]!));
    }

    [Fact]
    public async Task Create_ValuesThatAreNothing_AreTaken()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane,
            """
            {"deployment": {"replicas": 0}, "access": {"networkPolicy": false, "namespaces": []}, "injection": {"env": false},
             "credentials": [], "claims": {}}
            """);

        Assert.Equal(0, (await lab.ReadAsync()).Replicas);
        await lab.UntilAsync("Available", Reasons.ScaledToZero);
    }

    [Fact]
    public async Task Create_ClaimsOfAnyShape_AreKeptExactly()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"claims": {"instance": {"id": 9223372036854775807}, "my-own": {"a": [1, {"b": null}], "c": 1.5}}}""");

        var claims = (await lab.ReadAsync()).Claims;

        Assert.Equal("9223372036854775807", claims["instance"]!["id"]!.ToJsonString());
        Assert.Equal("""{"a":[1,{"b":null}],"c":1.5}""", claims["my-own"]!.ToJsonString());
    }
}
