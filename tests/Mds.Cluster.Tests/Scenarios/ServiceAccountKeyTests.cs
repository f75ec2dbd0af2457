using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Pods;
using StandIns;

namespace Mds.Cluster.Tests.Scenarios;

/// <summary>Scenario 3: tokens by a service account key in a Secret, from a token endpoint that verifies the assertions.</summary>
public sealed class ServiceAccountKeyTests(ClusterFixture cluster)
{
    private static readonly string Email = ClientPods.Account("key-project");

    [Fact]
    public async Task KeyInSecret_MatchesOrNot_ClientsGetTokensOr503()
    {
        await using var space = await TestNamespace.CreateAsync(cluster, "account-key");
        var tokenUri = await StartStandInAsync(space);
        var known = KeyFile.Make(Email, tokenUri);
        await space.KubectlAsync("create", "configmap", "public-key", $"--from-literal=public.pem={known.PublicPem}");
        await PutSecretAsync(space, "known-key", known);
        await PutSecretAsync(space, "other-key", KeyFile.Make(Email, tokenUri));
        await space.UntilAsync("pod/google", "is ready", pod => pod.Condition("Ready").IsTrue);

        var emulator = await space.ReadyEmulatorAsync("default", "key-project", "serviceAccountKey: {secretKeyRef: {name: known-key, key: key.json}}");
        Assert.Equal(Email, (string?)emulator["status"]!["principal"]);
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        var report = ClientReport.Parse(await space.LogOfEndedPodAsync("client"));
        Assert.Equal("key-project", report.Project);
        Assert.Equal(ClientPods.Audience, (string?)report.IdentityTokenClaims["aud"]);
        Assert.Equal(Email, (string?)report.IdentityTokenClaims["email"]);

        await space.ApplyAsync(ClientPods.Emulator("mismatched", "key-project", "serviceAccountKey: {secretKeyRef: {name: other-key, key: key.json}}"));
        var mismatched = await space.UntilAsync("mde/mismatched", "says that its key does not match", seen => seen.Condition("CredentialsValid").IsFalse);
        Assert.Equal("CredentialsRejected", mismatched.Condition("CredentialsValid").Reason);
        Assert.Contains("invalid_grant", mismatched.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        Assert.Contains(Email, mismatched.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        Assert.False(mismatched.Condition("Ready").IsTrue);

        await space.UntilAsync("mde/mismatched", "is available all the same", seen => seen.Condition("Available").IsTrue);
        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity", emulator: "mismatched"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);
        Assert.Equal("503", await space.AskAsync("shell", "instance/service-accounts/default/token", "%{http_code}"));
        Assert.Equal(Email, await space.AskAsync("shell", "instance/service-accounts/default/email"));

        // Tokens given before are not harmed, and the endpoint saw nothing but what was expected of it.
        var calls = JsonNode.Parse(await space.KubectlAsync("exec", "shell", "--", "curl", "--silent", new Uri(new(tokenUri), "/calls").ToString()))!.AsArray();
        Assert.Contains(calls, call => (bool)call!["accepted"]! && (string?)call["issuer"] == Email && call["scope"] is not null);
        Assert.Contains(calls, call => (bool)call!["accepted"]! && (string?)call["issuer"] == Email && (string?)call["targetAudience"] == ClientPods.Audience);
        Assert.Contains(calls, call => !(bool)call!["accepted"]!);
    }

    /// <summary>The pod waits for its ConfigMap: the public key is made for the address that the Service is given.</summary>
    private async Task<string> StartStandInAsync(TestNamespace space)
    {
        await space.CreateAsync(
            """
            apiVersion: v1
            kind: Service
            metadata: {name: google}
            spec:
              selector: {app: google}
              ports: [{port: 80, targetPort: 8080}]
            """);
        var tokenUri = $"http://{(await space.GetAsync("service/google"))["spec"]!["clusterIP"]}/token";
        await space.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: google
              labels: {app: google, test-client: "true"}
            spec:
              terminationGracePeriodSeconds: 0
              automountServiceAccountToken: false
              securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault} }
              containers:
              - name: google
                image: "{{cluster.Image("google-stand-in")}}"
                imagePullPolicy: IfNotPresent
                args: [--urls, "http://0.0.0.0:8080", --token-url, "{{tokenUri}}", --client, "{{Email}}=/keys/public.pem"]
                readinessProbe: {httpGet: {path: /calls, port: 8080}, periodSeconds: 1}
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]} }
                volumeMounts: [{name: keys, mountPath: /keys}]
              volumes:
              - {name: keys, configMap: {name: public-key} }
            """);
        return tokenUri;
    }

    private static Task PutSecretAsync(TestNamespace space, string name, KeyFile key) => space.CreateAsync(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["stringData"] = new JsonObject { ["key.json"] = key.Json },
    }.ToJsonString());
}
