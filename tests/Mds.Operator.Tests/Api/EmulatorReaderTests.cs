using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Api;

public sealed class EmulatorReaderTests
{
    [Fact]
    public void Read_EmptySpec_HasTheDefaults()
    {
        var emulator = Read("{}");

        Assert.Empty(emulator.Problems);
        Assert.Empty(emulator.Unsupported);
        Assert.Equal(EmulatorMode.Deployment, emulator.Mode);
        Assert.Equal(2, emulator.Replicas);
        Assert.Equal(new EmulatorInjection(Env: true, HostAliases: false), emulator.Injection);
        Assert.True(emulator.Access.NetworkPolicy);
        Assert.Null(emulator.Endpoint);
        Assert.Equal("team-a/default", emulator.Key);
        Assert.Equal("mds-default", emulator.ObjectName);
    }

    [Fact]
    public void Read_Credentials_AreReadInOrder()
    {
        var emulator = Read(
            """
            {"credentials": [
              {"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "gcp-key", "key": "key.json"}}},
              {"account": "app@project.iam.gserviceaccount.com", "local": {"issuer": "https://issuer.example", "signingKey": {"secretKeyRef": {"name": "signing", "key": "tls.key"}}}}]}
            """);

        Assert.Empty(emulator.Problems);
        Assert.Equal<EmulatorCredential>(
            [
                new ServiceAccountKeyCredential("default", new KeyReference("gcp-key", "key.json")),
                new LocalCredential("app@project.iam.gserviceaccount.com", "https://issuer.example", new KeyReference("signing", "tls.key")),
            ],
            emulator.Credentials);
    }

    [Theory]
    [InlineData("""{"mode": 5}""", "$.spec.mode: must be a string.")]
    [InlineData("""{"mode": "Fleet"}""", "$.spec.mode: must be one of Deployment, DaemonSet, Sidecar, and is Fleet.")]
    [InlineData("""{"claims": []}""", "$.spec.claims: must be an object.")]
    [InlineData("""{"claims": {}, "claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}""", "$.spec: The claims are either written here (claims) or in a ConfigMap (claimsFrom), not both.")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "a"}}}""", "$.spec.claimsFrom.configMapKeyRef.key: must be set.")]
    [InlineData("""{"deployment": {"replicas": 1.5}}""", "$.spec.deployment.replicas: must be a whole number from 0 to 100.")]
    [InlineData("""{"credentials": [{"local": {}}]}""", "$.spec.credentials[0].account: must be set.")]
    [InlineData("""{"credentials": [7]}""", "$.spec.credentials[0]: must be an object.")]
    [InlineData("""{"credentials": [{"account": "me", "local": {}}]}""", "$.spec.credentials[0].account: The account must be 'default' or the e-mail of a service account.")]
    [InlineData("""{"credentials": [{"account": "default"}]}""", "$.spec.credentials[0]: An account needs exactly one of serviceAccountKey, impersonation, workloadIdentity, tpm, static and local.")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}, "tpm": {}}]}""", "$.spec.credentials[0]: An account needs exactly one of serviceAccountKey, impersonation, workloadIdentity, tpm, static and local.")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}}, {"account": "default", "local": {}}]}""", "$.spec.credentials[1].account: the account default is already in the list; an account has one credential.")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "a/b", "key": "c"}}}""", "$.spec.claimsFrom.configMapKeyRef.name: must be a name a ConfigMap or Secret can have: lower-case letters, digits, '-' and '.'.")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "Key\n", "key": "c"}}}]}""", "$.spec.credentials[0].serviceAccountKey.secretKeyRef.name: must be a name a ConfigMap or Secret can have: lower-case letters, digits, '-' and '.'.")]
    [InlineData("""{"podTemplate": {"metadata": {"labels": {"mds.inject": "true"}}}}""", "$.spec.podTemplate.metadata.labels: must not have mds.inject: a server's pods would wait for the webhook, and ask the server that they are.")]
    [InlineData("""{"access": {"namespaces": [1]}}""", "$.spec.access.namespaces: must be a list of strings.")]
    public void Read_BadField_IsASentenceWithItsPath(string spec, string sentence) => Assert.Equal([sentence], Read(spec).Problems);

    [Theory]
    [InlineData("""{"mode": "DaemonSet"}""", "$.spec.mode: DaemonSet is not supported yet; use Deployment.")]
    [InlineData("""{"mode": "Sidecar"}""", "$.spec.mode: Sidecar is not supported yet; use Deployment.")]
    [InlineData("""{"flavor": "CloudRun"}""", "$.spec.flavor: CloudRun is not supported yet; use GCE.")]
    [InlineData("""{"credentials": [{"account": "default", "workloadIdentity": {"provider": "p"}}]}""", "$.spec.credentials[0].workloadIdentity: not supported yet; use serviceAccountKey or local.")]
    public void Read_FieldOfLater_IsUnsupported(string spec, string sentence)
    {
        var emulator = Read(spec);

        Assert.Empty(emulator.Problems);
        Assert.Equal([sentence], emulator.Unsupported);
    }

    [Theory]
    [InlineData("has.dot")]
    [InlineData("a123456789a123456789a123456789a123456789a123456789a123456789")]
    public void Read_NameNoServiceCanHave_IsAProblem(string name)
    {
        var emulator = EmulatorReader.Read(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = "team-a" },
        });

        Assert.Equal([$"$.metadata.name: {MetadataEmulatorSchema.NameSentence}"], emulator.Problems);
    }

    [Fact]
    public void Read_BadField_StillReadsTheRest()
    {
        var emulator = EmulatorReader.Read(JsonNode.Parse(
            """
            {"metadata": {"name": "default", "namespace": "team-a"},
             "spec": {"mode": 5, "access": {"namespaces": ["team-b"]}},
             "status": {"endpoint": {"host": "10.96.12.7:80", "ip": "10.96.12.7", "port": 80}}}
            """)!.AsObject());

        Assert.Single(emulator.Problems);
        Assert.Equal("10.96.12.7:80", emulator.Endpoint?.Host);
        Assert.True(emulator.Serves("team-a"));
        Assert.True(emulator.Serves("team-b"));
        Assert.False(emulator.Serves("team-c"));
    }

    [Fact]
    public void Host_AddressOfVersion6_IsBracketed() => Assert.Equal("[fd00::7]:80", new EmulatorEndpoint("fd00::7", 80).Host);

    private static Emulator Read(string spec) => EmulatorReader.Read(new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = "default", ["namespace"] = "team-a", ["uid"] = "u", ["generation"] = 3 },
        ["spec"] = JsonNode.Parse(spec),
    });
}
