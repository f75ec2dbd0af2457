using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;
using StandIns;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>
/// Tokens without any key: the server's own Kubernetes token, exchanged at a stand-in that verifies it with this cluster's key
/// set, and a service account impersonated with what it gets.
/// </summary>
public sealed class FederationTests(ClusterFixture cluster)
{
    private const string Pool = "projects/123456789012/locations/global/workloadIdentityPools/lab";
    private const string Provider = $"{Pool}/providers/cluster";

    private static readonly string App = ClientPods.Account("federated-project");
    private static readonly string Job = "job@federated-project.iam.gserviceaccount.com";
    private static readonly string Direct = "direct@federated-project.iam.gserviceaccount.com";

    [Fact]
    public async Task ProjectedToken_ExchangedAndImpersonating_ThreeAccountsHaveTheirOwnTokens()
    {
        var cancellation = TestContext.Current.CancellationToken;
        await using var space = await TestNamespace.CreateAsync(cluster, "federation");
        var principal = $"principal://iam.googleapis.com/{Pool}/subject/system:serviceaccount:{space.Name}:mds-default";
        var google = await GooglePod.CreateAsync(space);
        var key = KeyFile.Make(Job, google.TokenUri);
        await google.StartAsync(
            cluster,
            new Dictionary<string, string>
            {
                ["public.pem"] = key.PublicPem,
                ["jwks.json"] = await cluster.Kubectl.RunAsync(cancellation, "get", "--raw", "/openid/v1/jwks"),
            },
            "--client", $"{Job}=/files/public.pem",
            "--provider", $"{Provider}=/files/jwks.json",
            "--token-creator", $"{principal}={App}");
        await space.PutSecretAsync("key", "key.json", key.Json);

        await space.ApplyAsync(Emulator(
            "default",
            google,
            $$"""
            [{account: default, workloadIdentity: {provider: {{Provider}}, impersonate: {{App}} } },
             {account: {{Job}}, serviceAccountKey: {secretKeyRef: {name: key, key: key.json} } },
             {account: {{Direct}}, workloadIdentity: {provider: {{Provider}} } }]
            """));
        var emulator = await space.UntilAsync("mde/default", "is Ready", seen => seen.Condition("Ready").IsTrue);
        Assert.Equal(App, (string?)emulator["status"]!["principal"]);

        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        var report = ClientReport.Parse(await space.LogOfEndedPodAsync("client"));
        Assert.Equal(App, report.Account);
        Assert.Equal(App, (string?)report.IdentityTokenClaims["email"]);
        Assert.Equal(ClientPods.Audience, (string?)report.IdentityTokenClaims["aud"]);

        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);
        var tokens = await Task.WhenAll(new[] { "default", App, Job, Direct }.Select(
            async account => (string?)JsonNode.Parse(await space.AskAsync("shell", $"instance/service-accounts/{account}/token"))!["access_token"]));
        Assert.All(tokens, Assert.NotNull);
        Assert.Equal(tokens[0], tokens[1]);
        Assert.Equal(3, tokens.Distinct().Count());

        // The stand-in verified the cluster's own signature, and knows who asked.
        var calls = await google.CallsAsync();
        Assert.Contains(calls, call => (string?)call["issuer"] == principal && call["target"] is null && call["scope"] is not null);
        Assert.Contains(calls, call => (string?)call["issuer"] == principal && (string?)call["target"] == App && call["scope"] is not null);
        Assert.Contains(calls, call => (string?)call["target"] == App && (string?)call["targetAudience"] == ClientPods.Audience);
        Assert.Contains(calls, call => (string?)call["issuer"] == Job && call["target"] is null);
        Assert.All(calls, call => Assert.True((bool)call["accepted"]!, call.ToJsonString()));

        await TellsEachFailureAsync(space, google);
    }

    private static async Task TellsEachFailureAsync(TestNamespace space, GooglePod google)
    {
        await space.ApplyAsync(Emulator(
            "not-allowed", google, $$"""[{account: default, workloadIdentity: {provider: {{Provider}}, impersonate: {{Job}} } }]"""));
        await space.ApplyAsync(Emulator(
            "other-audience", google, $$"""[{account: default, workloadIdentity: {provider: {{Provider}}, audience: "https://other.example"} }]"""));

        await space.TellsFailureAsync("not-allowed", "CredentialsRejected", "iam.serviceAccounts.getAccessToken");
        await space.TellsFailureAsync("other-audience", "CredentialsRejected", "https://other.example");
    }

    private static string Emulator(string name, GooglePod google, string credentials) =>
        $$"""
        apiVersion: mds.dev/v1alpha1
        kind: MetadataEmulator
        metadata: {name: {{name}}}
        spec:
          claims:
            project: {projectId: federated-project, numericProjectId: 123456789012}
            instance:
              zone: projects/123456789012/zones/europe-west1-b
              serviceAccounts:
                default: {email: {{App}}, scopes: [https://www.googleapis.com/auth/cloud-platform]}
                {{Job}}: {email: {{Job}}, scopes: [https://www.googleapis.com/auth/cloud-platform]}
          endpoints: {oauth2: "{{google.Address}}", sts: "{{google.Address}}", iamCredentials: "{{google.Address}}"}
          credentials: {{credentials.ReplaceLineEndings(" ")}}
          deployment: {replicas: 1}
        """;
}
