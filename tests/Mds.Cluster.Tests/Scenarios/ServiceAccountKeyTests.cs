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
        var google = await GooglePod.CreateAsync(space);
        var known = KeyFile.Make(Email, google.TokenUri);
        await google.StartAsync(cluster, new Dictionary<string, string> { ["public.pem"] = known.PublicPem }, "--client", $"{Email}=/files/public.pem");
        await space.PutSecretAsync("known-key", "key.json", known.Json);
        await space.PutSecretAsync("other-key", "key.json", KeyFile.Make(Email, google.TokenUri).Json);

        var emulator = await space.ReadyEmulatorAsync("default", "key-project", "serviceAccountKey: {secretKeyRef: {name: known-key, key: key.json}}");
        Assert.Equal(Email, (string?)emulator["status"]!["principal"]);
        await space.CreateAsync(ClientPods.Pod(cluster, "client", labelled: true));
        var report = ClientReport.Parse(await space.LogOfEndedPodAsync("client"));
        Assert.Equal("key-project", report.Project);
        Assert.Equal(ClientPods.Audience, (string?)report.IdentityTokenClaims["aud"]);
        Assert.Equal(Email, (string?)report.IdentityTokenClaims["email"]);

        await space.ApplyAsync(ClientPods.Emulator("mismatched", "key-project", "serviceAccountKey: {secretKeyRef: {name: other-key, key: key.json}}"));
        await space.TellsFailureAsync("mismatched", "CredentialsRejected", "invalid_grant");
        var mismatched = await space.GetAsync("mde/mismatched");
        Assert.Contains(Email, mismatched.Condition("CredentialsValid").Message, StringComparison.Ordinal);
        Assert.False(mismatched.Condition("Ready").IsTrue);

        await space.ApplyAsync(ClientPods.Emulator(
            "keyless", "key-project", "serviceAccountKey: {secretKeyRef: {name: later, key: key.json}}", spec: "prefetch: Ready"));
        await space.TellsFailureAsync("keyless", "CredentialsUnusable", "Secret later, key key.json");
        Assert.True((await space.GetAsync("mde/keyless")).Condition("Available").IsFalse, "Nobody is sent to a server that awaits its first token.");
        await space.PutSecretAsync("later", "key.json", known.Json);
        await space.UntilAsync("mde/keyless", "is Ready by itself", seen => seen.Condition("Ready").IsTrue);

        await space.UntilAsync("mde/mismatched", "is available all the same", seen => seen.Condition("Available").IsTrue);
        await space.CreateAsync(ClientPods.Pod(cluster, "shell", labelled: true, "sleep infinity", emulator: "mismatched"));
        await space.UntilAsync("pod/shell", "runs", pod => pod.Condition("Ready").IsTrue);
        Assert.Equal("503", await space.AskAsync("shell", "instance/service-accounts/default/token", "%{http_code}"));
        Assert.Equal(Email, await space.AskAsync("shell", "instance/service-accounts/default/email"));

        // Tokens given before are not harmed, and the endpoint saw nothing but what was expected of it.
        var calls = await google.CallsAsync();
        Assert.Contains(calls, call => (bool)call["accepted"]! && (string?)call["issuer"] == Email && call["scope"] is not null);
        Assert.Contains(calls, call => (bool)call["accepted"]! && (string?)call["issuer"] == Email && (string?)call["targetAudience"] == ClientPods.Audience);
        Assert.Contains(calls, call => !(bool)call["accepted"]!);
    }
}
