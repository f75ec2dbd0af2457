using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;
using StandIns;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>An emulator whose key is in a TPM, reached by its address.</summary>
public sealed class TpmTests(ClusterFixture cluster)
{
    private const string Password = "a-password-of-a-key";

    private const string Other = "other@tpm-project.iam.gserviceaccount.com";

    private static readonly string Email = ClientPods.Account("tpm-project");

    [Fact]
    public async Task KeyInTpm_ByAddress_SignsWhatGoogleVerifies()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "tpm");
        var google = await GooglePod.CreateAsync(space);
        var key = KeyFile.Make(Email, google.TokenUri);
        await google.StartAsync(cluster, new Dictionary<string, string> { ["public.pem"] = key.PublicPem }, "--client", $"{Email}=/files/public.pem");
        var address = await StartTpmAsync(space, (string)JsonNode.Parse(key.Json)!["private_key"]!);
        await space.PutSecretAsync("right", "password", Password);
        await space.PutSecretAsync("wrong", "password", "another-password");

        var emulator = await space.ReadyEmulatorAsync(
            "default", "tpm-project", $"{Credential(address, "right")}\n  - account: {Other}\n    local: {{}}", Endpoints(google));
        Assert.Equal(Email, (string?)emulator["status"]!["principal"]);
        using var half = RSA.Create();
        half.ImportFromPem(key.PublicPem);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(half.ExportSubjectPublicKeyInfo())), (string?)emulator["status"]!["keyFingerprint"]);
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        var report = ClientReport.Parse(await space.LogOfEndedPodAsync("client"));
        Assert.Equal("tpm-project", report.Project);
        Assert.Equal(Email, (string?)report.IdentityTokenClaims["email"]);
        Assert.Contains(await google.CallsAsync(), call => (bool)call["accepted"]! && (string?)call["issuer"] == Email && call["scope"] is not null);
        Assert.Contains(await google.CallsAsync(), call => (bool)call["accepted"]! && (string?)call["targetAudience"] == ClientPods.Audience);

        await space.ApplyAsync(ClientPods.Emulator("locked-out", "tpm-project", Credential(address, "wrong"), spec: Endpoints(google)));
        var refused = await space.UntilAsync("mde/locked-out", "says that the password is wrong", seen => seen.Condition("CredentialsValid").IsFalse);
        Assert.Equal("CredentialsUnusable", refused.Condition("CredentialsValid").Reason);
        Assert.Contains("password", refused.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        await TellsWhereItFailsAsync(space, address, google);
        // One refusal locks nobody out: the other emulator goes on signing.
        Assert.True((await space.GetAsync("mde/default")).Condition("Ready").IsTrue);
        await space.CreateAsync(ClientPods.Pod(cluster, "client-after", labelled: true));
        Assert.Equal(Email, (string?)ClientReport.Parse(await space.LogOfEndedPodAsync("client-after")).IdentityTokenClaims["email"]);
        await HarmsNoOtherAccountAsync(space);
    }

    // A password that becomes wrong under a running server.
    private async Task HarmsNoOtherAccountAsync(TestNamespace space)
    {
        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity", emulator: "default"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);
        await space.PutSecretAsync("right", "password", "yet-another-password");
        await space.TellsFailureAsync("default", "CredentialsUnusable", "password");

        Assert.Equal("tpm-project", await space.AskAsync("shell", "project/project-id"));
        Assert.Equal("200", await space.AskAsync("shell", $"instance/service-accounts/{Other}/token", "%{http_code}"));
        Assert.Equal("503", await space.AskAsync("shell", "instance/service-accounts/default/token", "%{http_code}"));
        Assert.True((await space.GetAsync("mde/default")).Condition("Available").IsTrue);

        await space.PutSecretAsync("right", "password", Password);
        await space.UntilAsync("mde/default", "is Ready again", seen => seen.Condition("Ready").IsTrue);
        Assert.Equal("200", await space.AskAsync("shell", "instance/service-accounts/default/token", "%{http_code}"));
    }

    private static async Task TellsWhereItFailsAsync(TestNamespace space, string address, GooglePod google)
    {
        await space.CreateAsync(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: nobody}
            spec:
              selector: {app: nobody}
              ports: [{port: 2321}]
            """);
        var nobody = $"{(await space.GetAsync("service/nobody"))["spec"]!["clusterIP"]}:2321";
        (string Name, string Tpm, string Reason, string Words)[] failures =
        [
            ("no-tpm", $$"""address: "{{nobody}}", persistentHandle: "0x81010002" """, "IssuerUnavailable", nobody),
            ("no-key", $$"""address: "{{address}}", persistentHandle: "0x81010003" """, "CredentialsUnusable", "0x81010003"),
            ("no-secret", $$"""address: "{{address}}", keySecretRef: {name: nothing, key: key.pem} """, "CredentialsUnusable", "Secret nothing, key key.pem"),
        ];
        foreach (var (name, tpm, _, _) in failures)
        {
            await space.ApplyAsync(ClientPods.Emulator(name, "tpm-project", $$"""tpm: { {{tpm}} }""", spec: Endpoints(google)));
        }

        foreach (var (name, _, reason, words) in failures)
        {
            await space.TellsFailureAsync(name, reason, words);
        }
    }

    private static string Credential(string address, string secret) =>
        $$"""tpm: {address: "{{address}}", persistentHandle: "0x81010002", keyPasswordSecretRef: {name: {{secret}}, key: password}, useOauthToken: true}""";

    private static string Endpoints(GooglePod google) => $$"""endpoints: {oauth2: "{{google.Address}}"}""";

    /// <summary>Starts a TPM in software with a private key in it, and says where it is.</summary>
    private async Task<string> StartTpmAsync(TestNamespace space, string privatePem)
    {
        await space.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Service
            metadata: {name: tpm}
            spec:
              selector: {app: tpm}
              ports: [{port: 2321}]
            """);
        await space.PutSecretAsync("tpm-key", ("key.pem", privatePem), ("password", Password));
        await space.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: tpm
              labels: {app: tpm, test-client: "true"}
            spec:
              terminationGracePeriodSeconds: 0
              automountServiceAccountToken: false
              securityContext: {runAsNonRoot: true, runAsUser: 65532, fsGroup: 65532, seccompProfile: {type: RuntimeDefault} }
              containers:
              - name: tpm
                image: "{{cluster.Image("software-tpm")}}"
                imagePullPolicy: IfNotPresent
                readinessProbe: {exec: {command: [test, -e, /state/ready]}, periodSeconds: 1}
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]} }
                volumeMounts: [{name: state, mountPath: /state}, {name: key, mountPath: /key}]
              volumes:
              - {name: state, emptyDir: {} }
              - {name: key, secret: {secretName: tpm-key} }
            """);
        await space.UntilAsync("pod/tpm", "is ready", pod => pod.Condition("Ready").IsTrue);
        return $"{(await space.GetAsync("service/tpm"))["spec"]!["clusterIP"]}:2321";
    }
}
