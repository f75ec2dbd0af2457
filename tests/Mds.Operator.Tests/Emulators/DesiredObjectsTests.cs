using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class DesiredObjectsTests
{
    private static readonly ServerPodOptions Options = new("registry.example/mds-server:1", null, [], "mds-system", "cluster.local");
    private static readonly ServerPodOptions FullOptions = new("registry.example/mds-server:1", "Always", ["operators-pull"], "mds-system", "lab.internal");

    /// <summary>Emulators of all kinds: a name, the specification, the minor version of Kubernetes.</summary>
    public static TheoryData<string, string, int> Cases() => new()
    {
        { "minimal", "{}", 36 },
        { "minimal-on-1.20", "{}", 20 },
        {
            "key-secret",
            """
            {"claims": {"project": {"projectId": "lab", "numericProjectId": 123456789012345678}},
             "credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "gcp-key", "key": "lab.json"}}}]}
            """,
            36
        },
        { "claims-from", """{"claimsFrom": {"configMapKeyRef": {"name": "my-claims", "key": "metadata.json"}}}""", 36 },
        {
            "two-credentials",
            """
            {"credentials": [
              {"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "gcp-key", "key": "key.json"}}},
              {"account": "app@lab.iam.gserviceaccount.com", "local": {"issuer": "https://issuer.example", "signingKey": {"secretKeyRef": {"name": "signing", "key": "tls.key"}}}},
              {"account": "batch@lab.iam.gserviceaccount.com", "local": {}}]}
            """,
            36
        },
        {
            "every-credential",
            """
            {"claims": {"instance": {"attributes": {"colour": "blue"}}},
             "claimsFrom": {"upstream": {"address": "169.254.169.254"}},
             "flavor": "CloudRun",
             "endpoints": {"oauth2": "https://oauth2-lab.p.googleapis.com", "sts": "https://sts-lab.p.googleapis.com", "iamCredentials": "https://iamcredentials-lab.p.googleapis.com"},
             "credentials": [
              {"account": "default", "workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/lab/providers/k8s", "impersonate": "app@lab.iam.gserviceaccount.com", "tokenExpirationSeconds": 3600}},
              {"account": "a@lab", "workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/lab/providers/k8s", "audience": "//mine"}},
              {"account": "b@lab", "workloadIdentity": {"credentialConfig": {"secretKeyRef": {"name": "aws", "key": "external.json"}}}},
              {"account": "c@lab", "impersonation": {"targetPrincipal": "c@lab", "delegates": ["d@lab", "e@lab"], "lifetimeSeconds": 600, "source": {"secretKeyRef": {"name": "login", "key": "adc.json"}}}},
              {"account": "d@lab", "impersonation": {"targetPrincipal": "d@lab"}},
              {"account": "e@lab", "static": {"accessToken": {"secretKeyRef": {"name": "tokens", "key": "access"}}, "identityToken": {"secretKeyRef": {"name": "other-tokens", "key": "identity"}}}},
              {"account": "f@lab", "upstream": {"address": "metadata.example:8080", "account": "f@lab"}},
              {"account": "g@lab", "serviceAccountKey": {"useOauthToken": false, "secretKeyRef": {"name": "gcp-key", "key": "key.json"}}},
              {"account": "h@lab", "local": {}}]}
            """,
            36
        },
        {
            "tpm",
            """
            {"credentials": [
              {"account": "default", "tpm": {"address": "tpm.lab.svc:2321", "persistentHandle": "0x81010002", "pcrs": [0, 7], "useOauthToken": true}},
              {"account": "a@lab", "tpm": {"resource": "tpm.example/tpmrm", "group": 112, "keySecretRef": {"name": "tpm", "key": "key.pem"}, "keyPasswordSecretRef": {"name": "tpm", "key": "password"},
                "parentPasswordSecretRef": {"name": "tpm", "key": "parent"}, "endorsementParent": true, "keyId": "0123456789abcdef0123456789abcdef01234567", "sessionEncryptionName": "000b62d1c7a062d1c7a062d1c7a062d1c7a062d1c7a062d1c7a062d1c7a062d1c7a0"}}]}
            """,
            36
        },
        {
            "tpm-device",
            """
            {"credentials": [
              {"account": "default", "tpm": {"device": "/dev/tpmrm0", "group": 112, "persistentHandle": "0x81010002"}},
              {"account": "a@lab", "tpm": {"device": "/dev/tpmrm0", "group": 112, "persistentHandle": "0x81010003"}}]}
            """,
            36
        },
        {
            "issuer-tls",
            """
            {"prefetch": "Ready", "issuer": {"tlsSecretRef": {"name": "issuer-certificate"}},
             "credentials": [{"account": "default", "local": {"signingKey": {"secretKeyRef": {"name": "signing", "key": "tls.key"}}}}]}
            """,
            36
        },
        { "exported", """{"access": {"namespaces": ["team-c", "team-b"]}}""", 36 },
        { "exported-on-1.20", """{"access": {"namespaces": ["team-c", "team-b"]}}""", 20 },
        { "one-replica-open", """{"access": {"networkPolicy": false, "allowedHosts": ["metadata.lab.example"]}, "deployment": {"replicas": 1}}""", 36 },
        {
            "full-pod-template",
            """
            {"podTemplate": {
              "metadata": {"labels": {"team": "a", "app.kubernetes.io/name": "mine"}, "annotations": {"note": "hello"}},
              "resources": {"requests": {"cpu": "50m"}, "limits": {"cpu": "1", "memory": "512Mi"}},
              "nodeSelector": {"pool": "metadata"},
              "tolerations": [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}],
              "affinity": {"nodeAffinity": {"aFieldOfTomorrow": [{"weight": 1}]}},
              "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "rack", "whenUnsatisfiable": "DoNotSchedule", "aFieldOfTomorrow": true}],
              "priorityClassName": "high",
              "imagePullSecrets": [{"name": "users-pull"}, {"name": "operators-pull"}]}}
            """,
            36
        },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Build_Emulator_IsTheGoldenDocument(string name, string spec, int minor)
    {
        var emulator = Emulator(spec);
        Assert.Empty(emulator.Problems);

        IEnumerable<DesiredObject> objects = DesiredObjects.Build(
            emulator,
            ["10.96.12.7"],
            emulator.ClaimsFrom is null ? JsonText.Indented(emulator.Claims) : null,
            new ClusterFacts(minor >= 21, minor >= 27),
            name == "full-pod-template" ? FullOptions : Options);

        Golden.Verify(
            $"tests/Mds.Operator.Tests/Emulators/Golden/{name}.yaml",
            string.Join("---\n", objects.Prepend(DesiredObjects.Service(emulator)).Select(desired => YamlText.Write(desired.Manifest))));
    }

    [Fact]
    public void Build_ChangedClaims_ChangesOnlyTheConfigMap()
    {
        var before = Build(Emulator("{}"), """{"a": 1}""");
        var after = Build(Emulator("{}"), """{"a": 2}""");

        var changed = before.Zip(after).Where(pair => !JsonNode.DeepEquals(pair.First.Manifest, pair.Second.Manifest)).Select(pair => pair.First.Type.Kind);

        Assert.Equal(["ConfigMap"], changed);
    }

    [Fact]
    public void Build_ChangedSettings_RollsThePods()
    {
        var before = Build(Emulator("{}"), "{}");
        var after = Build(Emulator("""{"credentials": [{"account": "default", "local": {}}]}"""), "{}");

        Assert.NotEqual(HashOf(before), HashOf(after));
    }

    [Theory]
    [InlineData("""{"resource": "tpm.example/tpmrm"}""", 0, 1)]
    [InlineData("""{"device": "/dev/tpmrm0", "resource": "tpm.example/tpmrm"}""", 0, 1)]
    [InlineData("""{"device": "/dev/tpmrm0"}""", 1, 0)]
    [InlineData("""{"address": "tpm:2321"}""", 1, 0)]
    public void Build_DeviceOfPlugin_IsFreedBeforeTheNextPodAsksForIt(string place, int surge, int unavailable)
    {
        var tpm = JsonNode.Parse(place)!.AsObject();
        tpm["persistentHandle"] = "0x81010002";
        var credential = new JsonObject { ["account"] = "default", ["tpm"] = tpm };

        var objects = Build(Emulator(new JsonObject { ["credentials"] = new JsonArray(credential) }.ToJsonString()), "{}");

        var rolling = objects.Single(desired => desired.Type.Kind == "Deployment").Manifest["spec"]!["strategy"]!["rollingUpdate"]!;
        Assert.Equal((surge, unavailable), ((int)rolling["maxSurge"]!, (int)rolling["maxUnavailable"]!));
    }

    [Fact]
    public void Build_OperatorInItsNodesNetwork_MayReadTheStatusAllTheSame()
    {
        var named = AdminRule(Options);
        var unnamed = AdminRule(Options with { OperatorHasNodeAddress = true });

        Assert.Single(named["from"]!.AsArray());
        Assert.Null(unnamed["from"]);
        Assert.True(JsonNode.DeepEquals(named["ports"], unnamed["ports"]));

        static JsonNode AdminRule(ServerPodOptions options) =>
            DesiredObjects.Build(Emulator("{}"), ["10.96.12.7"], "{}", new ClusterFacts(true, true), options)
                .Single(desired => desired.Type.Kind == "NetworkPolicy").Manifest["spec"]!["ingress"]!.AsArray()
                .Single(rule => (int)rule!["ports"]![0]!["port"]! == Operator.Emulators.ServerSettings.AdminPort)!;
    }

    [Fact]
    public void Build_EndpointKnown_AsksForTheSameAddressAgain()
    {
        var emulator = Emulator("{}") with { Endpoint = new EmulatorEndpoint("10.96.12.7", 80) };

        var service = DesiredObjects.Service(emulator);

        Assert.Equal("10.96.12.7", (string?)service.Manifest["spec"]!["clusterIP"]);
    }

    [Theory]
    [InlineData("null", new string[0])]
    [InlineData("""{"spec": {}}""", new string[0])]
    [InlineData("""{"spec": {"clusterIP": "None"}}""", new string[0])]
    [InlineData("""{"spec": {"clusterIP": "10.96.12.7"}}""", new[] { "10.96.12.7" })]
    [InlineData("""{"spec": {"clusterIP": "10.96.12.7", "clusterIPs": ["10.96.12.7", "fd00::7"]}}""", new[] { "10.96.12.7", "fd00::7" })]
    public void AddressesOf_Service_AreAllOfThem(string service, string[] addresses) =>
        Assert.Equal(addresses, DesiredObjects.AddressesOf(JsonNode.Parse(service) as JsonObject));

    [Fact]
    public void Build_AnotherAddress_RollsThePodsAndTheSameDoesNot()
    {
        var emulator = Emulator("{}");
        var before = DesiredObjects.Build(emulator, ["10.96.12.7"], "{}", new ClusterFacts(true, true), Options);

        Assert.Equal(HashOf(before), HashOf(DesiredObjects.Build(emulator, ["10.96.12.7"], "{}", new ClusterFacts(true, true), Options)));
        Assert.NotEqual(HashOf(before), HashOf(DesiredObjects.Build(emulator, ["10.96.12.8"], "{}", new ClusterFacts(true, true), Options)));
    }

    [Fact]
    public void Build_Twice_DoesNotTouchTheEmulator()
    {
        var emulator = Emulator("""{"claims": {"a": {}}, "podTemplate": {"nodeSelector": {"a": "b"}, "imagePullSecrets": [{"name": "x"}]}}""");

        var first = Build(emulator, "{}");
        var second = Build(emulator, "{}");

        Assert.All(first.Zip(second), pair => Assert.True(JsonNode.DeepEquals(pair.First.Manifest, pair.Second.Manifest)));
    }

    private static string HashOf(IReadOnlyList<DesiredObject> objects) =>
        (string)objects.Single(desired => desired.Type.Kind == "Deployment")
            .Manifest["spec"]!["template"]!["metadata"]!["annotations"]![WellKnown.SettingsHashAnnotation]!;

    private static IReadOnlyList<DesiredObject> Build(Emulator emulator, string claims) =>
        DesiredObjects.Build(emulator, ["10.96.12.7"], claims, new ClusterFacts(true, true), Options);

    private static Emulator Emulator(string spec) => EmulatorReader.Read(new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = "default",
            ["namespace"] = "team-a",
            ["uid"] = "0b9e6a3c-0000-4000-8000-000000000001",
            ["generation"] = 1,
        },
        ["spec"] = JsonNode.Parse(spec),
    });
}
