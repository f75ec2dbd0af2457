using System.Text.Json.Nodes;
using Mds.Operator.Api;
using Mds.Operator.Credentials;

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
                new ServiceAccountKeyCredential("default", new KeyReference("gcp-key", "key.json"), UseOauthToken: true),
                new LocalCredential("app@project.iam.gserviceaccount.com", "https://issuer.example", new KeyReference("signing", "tls.key")),
            ],
            emulator.Credentials);
    }

    [Theory]
    [InlineData("""{"mode": 5}""", "$.spec.mode: must be a string.")]
    [InlineData("""{"mode": "Fleet"}""", "$.spec.mode: must be one of Deployment, DaemonSet, Sidecar, and is Fleet.")]
    [InlineData("""{"claims": []}""", "$.spec.claims: must be an object.")]
    [InlineData("""{"claims": {}, "claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}""", "$.spec: The claims are either written here (claims) or in a ConfigMap (claimsFrom.configMapKeyRef), not both.")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "a"}}}""", "$.spec.claimsFrom.configMapKeyRef.key: must be set.")]
    [InlineData("""{"deployment": {"replicas": 1.5}}""", "$.spec.deployment.replicas: must be a whole number from 0 to 100.")]
    [InlineData("""{"credentials": [{"local": {}}]}""", "$.spec.credentials[0].account: must be set.")]
    [InlineData("""{"credentials": [7]}""", "$.spec.credentials[0]: must be an object.")]
    [InlineData("""{"credentials": [{"account": "me", "local": {}}]}""", "$.spec.credentials[0].account: The account must be 'default' or the e-mail of a service account.")]
    [InlineData("""{"credentials": [{"account": "default"}]}""", "$.spec.credentials[0]: An account needs exactly one of serviceAccountKey, impersonation, workloadIdentity, tpm, static, local and upstream.")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}, "tpm": {}}]}""", "$.spec.credentials[0]: An account needs exactly one of serviceAccountKey, impersonation, workloadIdentity, tpm, static, local and upstream.")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}}, {"account": "default", "local": {}}]}""", "$.spec.credentials[1].account: the account default is already in the list; an account has one credential.")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "a/b", "key": "c"}}}""", "$.spec.claimsFrom.configMapKeyRef.name: must be a name a ConfigMap or Secret can have: lower-case letters, digits, '-' and '.'.")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "Key\n", "key": "c"}}}]}""", "$.spec.credentials[0].serviceAccountKey.secretKeyRef.name: must be a name a ConfigMap or Secret can have: lower-case letters, digits, '-' and '.'.")]
    [InlineData("""{"podTemplate": {"metadata": {"labels": {"mds.inject": "true"}}}}""", "$.spec.podTemplate.metadata.labels: must not have mds.inject: a server's pods would wait for the webhook, and ask the server that they are.")]
    [InlineData("""{"access": {"namespaces": [1]}}""", "$.spec.access.namespaces: must be a list of strings.")]
    [InlineData("""{"access": {"allowedHosts": ["lab.example", "a/b"]}}""", "$.spec.access.allowedHosts[1]: must be a list of names or addresses, without ports.")]
    [InlineData("""{"claimsFrom": {}}""", "$.spec.claimsFrom: claimsFrom needs configMapKeyRef, upstream or both.")]
    [InlineData("""{"claimsFrom": {"upstream": {"address": "http://a"}}}""", "$.spec.claimsFrom.upstream.address: must be HOST or HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"prefetch": "Off"}""", "$.spec.prefetch: must be one of Background, Ready, and is Off.")]
    [InlineData("""{"issuer": {"tlsSecretRef": {}}}""", "$.spec.issuer.tlsSecretRef.name: must be set.")]
    [InlineData("""{"access": {"allowedHosts": ["a..b"]}}""", "$.spec.access.allowedHosts[0]: must be a list of names or addresses, without ports.")]
    [InlineData("""{"access": {"allowedHosts": ["1::2::3"]}}""", "$.spec.access.allowedHosts[0]: must be a list of names or addresses, without ports.")]
    [InlineData("""{"endpoints": {"sts": "sts.example"}}""", "$.spec.endpoints.sts: must be a URL that begins with http:// or https://.")]
    [InlineData("""{"endpoints": {"oauth2": 7}}""", "$.spec.endpoints.oauth2: must be a string.")]
    public void Read_BadField_IsASentenceWithItsPath(string spec, string sentence) => Assert.Equal([sentence], Read(spec).Problems);

    [Theory]
    [InlineData("""{"mode": "DaemonSet"}""", "$.spec.mode: DaemonSet is not supported yet; use Deployment.")]
    [InlineData("""{"mode": "Sidecar"}""", "$.spec.mode: Sidecar is not supported yet; use Deployment.")]
    public void Read_FieldOfLater_IsUnsupported(string spec, string sentence)
    {
        var emulator = Read(spec);

        Assert.Empty(emulator.Problems);
        Assert.Equal([sentence], emulator.Unsupported);
    }

    [Theory]
    [InlineData("""{"impersonation": {}}""", "impersonation.targetPrincipal: must be set.")]
    [InlineData("""{"impersonation": {"targetPrincipal": "app"}}""", "impersonation.targetPrincipal: must be the e-mail of a service account.")]
    [InlineData("""{"impersonation": {"targetPrincipal": "a@lab", "delegates": ["b@lab", "c"]}}""", "impersonation.delegates[1]: must be the e-mail of a service account.")]
    [InlineData("""{"impersonation": {"targetPrincipal": "a@lab", "lifetimeSeconds": 60}}""", "impersonation.lifetimeSeconds: must be a whole number from 300 to 43200.")]
    [InlineData("""{"impersonation": {"targetPrincipal": "a@lab", "source": {"secretKeyRef": {"name": "a"}}}}""", "impersonation.source.secretKeyRef.key: must be set.")]
    [InlineData("""{"workloadIdentity": {}}""", $"workloadIdentity: {WorkloadIdentityCredential.SourceSentence}")]
    [InlineData("""{"workloadIdentity": {"provider": "projects/1/locations/global/workloadIdentityPools/p/providers/k", "credentialConfig": {"secretKeyRef": {"name": "a", "key": "b"}}}}""", $"workloadIdentity: {WorkloadIdentityCredential.SourceSentence}")]
    [InlineData("""{"workloadIdentity": {"impersonate": "a@lab", "credentialConfig": {"secretKeyRef": {"name": "a", "key": "b"}}}}""", $"workloadIdentity: {WorkloadIdentityCredential.SourceSentence}")]
    [InlineData("""{"workloadIdentity": {"provider": "p"}}""", "workloadIdentity.provider: must be projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.")]
    [InlineData("""{"static": {}}""", $"static: {StaticCredential.OneTokenSentence}")]
    [InlineData("""{"local": {"issuer": "issuer.example"}}""", "local.issuer: must be a URL that begins with http:// or https://.")]
    [InlineData("""{"upstream": {}}""", "upstream.address: must be set.")]
    [InlineData("""{"upstream": {"address": "a b"}}""", "upstream.address: must be HOST or HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"tpm": {"persistentHandle": "0x81010002"}}""", $"tpm: {TpmCredential.PlaceSentence}")]
    [InlineData("""{"tpm": {"address": "a:1", "device": "/dev/tpm0", "persistentHandle": "0x81010002"}}""", $"tpm: {TpmCredential.PlaceSentence}")]
    [InlineData("""{"tpm": {"address": "a:1", "group": 7, "persistentHandle": "0x81010002"}}""", $"tpm: {TpmCredential.PlaceSentence}")]
    [InlineData("""{"tpm": {"address": "a:1"}}""", $"tpm: {TpmCredential.KeySentence}")]
    [InlineData("""{"tpm": {"address": "a:1", "persistentHandle": "0x81010002", "keySecretRef": {"name": "a", "key": "b"}}}""", $"tpm: {TpmCredential.KeySentence}")]
    [InlineData("""{"tpm": {"address": "a", "persistentHandle": "0x81010002"}}""", "tpm.address: must be HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"tpm": {"address": "a:1", "persistentHandle": "0x40000001"}}""", "tpm.persistentHandle: must be a persistent handle in hexadecimal, from 0x81000000 to 0x81ffffff.")]
    [InlineData("""{"tpm": {"device": "tpmrm0", "persistentHandle": "0x81010002"}}""", "tpm.device: must be the path of a device, such as /dev/tpmrm0.")]
    [InlineData("""{"tpm": {"device": "/dev/tpmrm0", "group": 2147483648, "persistentHandle": "0x81010002"}}""", "tpm.group: must be a whole number from 0 to 2147483647.")]
    [InlineData("""{"tpm": {"resource": "tpm", "persistentHandle": "0x81010002"}}""", "tpm.resource: must be the name of an extended resource, such as example.com/tpm.")]
    [InlineData("""{"tpm": {"address": "a:1", "persistentHandle": "0x81010002", "pcrs": [0, 24]}}""", "tpm.pcrs: must be a list of whole numbers from 0 to 23.")]
    [InlineData("""{"tpm": {"address": "a:1", "persistentHandle": "0x81010002", "sessionEncryptionName": "000"}}""", "tpm.sessionEncryptionName: must be the name of a key in hexadecimal: 000b and 64 digits more.")]
    [InlineData("""{"tpm": {"address": "a:65536", "persistentHandle": "0x81010002"}}""", "tpm.address: must be HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"tpm": {"address": "[:::]:1", "persistentHandle": "0x81010002"}}""", "tpm.address: must be HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"upstream": {"address": "a?b"}}""", "upstream.address: must be HOST or HOST:PORT, an IPv6 address in brackets.")]
    [InlineData("""{"upstream": {"address": "a", "account": "me"}}""", $"upstream.account: {MetadataEmulatorSchema.AccountSentence}")]
    [InlineData("""{"workloadIdentity": {"provider": "projects/lab/locations/global/workloadIdentityPools/p/providers/k"}}""", "workloadIdentity.provider: must be projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER.")]
    [InlineData("""{"local": {"issuer": "https://issuer.example:0"}}""", "local.issuer: must be a URL that begins with http:// or https://.")]
    public void Read_BadCredential_IsASentenceWithItsPath(string credential, string sentence)
    {
        var entry = JsonNode.Parse(credential)!.AsObject();
        entry["account"] = "default";

        Assert.Equal(
            [$"$.spec.credentials[0].{sentence}"],
            Read(new JsonObject { ["credentials"] = new JsonArray(entry) }.ToJsonString()).Problems);
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
