using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class DesiredObjectsTests
{
    private static readonly ServerPodOptions Options = new("registry.example/mds-server:1", null, [], "mds-system");
    private static readonly ServerPodOptions FullOptions = new("registry.example/mds-server:1", "Always", ["operators-pull"], "mds-system");

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
        { "exported", """{"access": {"namespaces": ["team-c", "team-b"]}}""", 36 },
        { "exported-on-1.20", """{"access": {"namespaces": ["team-c", "team-b"]}}""", 20 },
        { "one-replica-open", """{"access": {"networkPolicy": false}, "deployment": {"replicas": 1}}""", 36 },
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

        var objects = DesiredObjects.Build(
            emulator,
            emulator.ClaimsFrom is null ? JsonText.Indented(emulator.Claims) : null,
            new ClusterFacts(minor >= 21, minor >= 27),
            name == "full-pod-template" ? FullOptions : Options);

        Golden.Verify(
            $"tests/Mds.Operator.Tests/Emulators/Golden/{name}.yaml",
            string.Join("---\n", objects.Select(desired => YamlText.Write(desired.Manifest))));
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

        static string HashOf(IReadOnlyList<DesiredObject> objects) =>
            (string)objects.Single(desired => desired.Type.Kind == "Deployment")
                .Manifest["spec"]!["template"]!["metadata"]!["annotations"]![WellKnown.SettingsHashAnnotation]!;
    }

    [Fact]
    public void Build_EndpointKnown_AsksForTheSameAddressAgain()
    {
        var emulator = Emulator("{}") with { Endpoint = new EmulatorEndpoint("10.96.12.7", 80) };

        var service = Build(emulator, "{}").Single(desired => desired.Type.Kind == "Service");

        Assert.Equal("10.96.12.7", (string?)service.Manifest["spec"]!["clusterIP"]);
    }

    [Fact]
    public void Build_Twice_DoesNotTouchTheEmulator()
    {
        var emulator = Emulator("""{"claims": {"a": {}}, "podTemplate": {"nodeSelector": {"a": "b"}, "imagePullSecrets": [{"name": "x"}]}}""");

        var first = Build(emulator, "{}");
        var second = Build(emulator, "{}");

        Assert.All(first.Zip(second), pair => Assert.True(JsonNode.DeepEquals(pair.First.Manifest, pair.Second.Manifest)));
    }

    private static IReadOnlyList<DesiredObject> Build(Emulator emulator, string claims) =>
        DesiredObjects.Build(emulator, claims, new ClusterFacts(true, true), Options);

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
