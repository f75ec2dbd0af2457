using System.Text.Json.Nodes;

namespace Mds.Kubernetes.Tests.Client;

public sealed class RetryTests
{
    private const string Fine = "200 OK||{\"kind\":\"Fine\"}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("429 Too Many Requests|Retry-After: 0|{}")]
    [InlineData("503 Service Unavailable|Retry-After: 0|{}")]
    public async Task GetAsync_ServerAsksToComeBack_IsSentAgain(string answer)
    {
        await using var server = new CannedServer(answer, answer, Fine);
        using var client = Client(server);

        var read = await client.GetAsync(KubeResources.Pods, "a", "b", Ct);

        Assert.Equal("Fine", KubeJson.TextOf(read["kind"]));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task CreateAsync_ServerAtItsEnd_IsNotSentTwice()
    {
        await using var server = new CannedServer("503 Service Unavailable|Retry-After: 0|upstream is away", Fine);
        using var client = Client(server);

        var error = await Assert.ThrowsAsync<KubeApiException>(
            () => client.CreateAsync(KubeResources.Pods, Objects.ConfigMap("a", "b"), cancellationToken: Ct));

        Assert.Equal("POST /api/v1/namespaces/a/pods was answered with 503: upstream is away", error.Message);
        Assert.Null(error.Status);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task CreateAsync_ServerTooBusyToBegin_IsSentAgain()
    {
        await using var server = new CannedServer("429 Too Many Requests|Retry-After: 0|{}", Fine);
        using var client = Client(server);

        await client.CreateAsync(KubeResources.Pods, Objects.ConfigMap("a", "b"), cancellationToken: Ct);

        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_ServerAlwaysAsksToComeBack_GivesUp()
    {
        await using var server = new CannedServer("503 Service Unavailable|Retry-After: 0|{}");
        using var client = Client(server);

        var error = await Assert.ThrowsAsync<KubeApiException>(() => client.GetAsync(KubeResources.Pods, "a", "b", Ct));

        Assert.Equal(503, error.Code);
        Assert.Equal(6, server.Requests.Count);
    }

    [Fact]
    public async Task GetAsync_TokenRejectedAndTheFileHasAnother_IsSentAgainWithThat()
    {
        using var folder = new TemporaryFolder();
        var token = folder.Write("token", "first\n");
        await using var server = new CannedServer("401 Unauthorized||{}", Fine);
        server.OnRequest = _ => File.WriteAllText(token, "second\n");
        using var client = Client(server, new TokenFile(token, TimeProvider.System));

        await client.GetAsync(KubeResources.Pods, "a", "b", Ct);

        Assert.Collection(
            server.Requests,
            request => Assert.Contains("Authorization: Bearer first\r\n", request.ReplaceLineEndings("\r\n"), StringComparison.Ordinal),
            request => Assert.Contains("Authorization: Bearer second\r\n", request.ReplaceLineEndings("\r\n"), StringComparison.Ordinal));
    }

    [Fact]
    public async Task GetAsync_TokenRejected_SaysSoWithoutTheToken()
    {
        await using var server = new CannedServer("401 Unauthorized||{\"kind\":\"Status\",\"code\":401,\"reason\":\"Unauthorized\",\"message\":\"Unauthorized\"}");
        using var client = new KubeClient(new KubeConfig { Server = server.Address }.WithToken("s3cret"));

        var error = await Assert.ThrowsAsync<KubeApiException>(() => client.GetAsync(KubeResources.Pods, "a", "b", Ct));

        Assert.Equal("GET /api/v1/namespaces/a/pods/b was answered with 401: Unauthorized", error.Message);
        Assert.DoesNotContain("s3cret", error.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task PatchAsync_Kinds_NameTheirContentType()
    {
        await using var server = new CannedServer(Fine);
        using var client = Client(server);

        await client.PatchAsync(KubeResources.Pods, "a", "b", new JsonObject(), cancellationToken: Ct);
        await client.PatchAsync(KubeResources.Pods, "a", "b", new JsonArray(), "status", Ct);
        await client.ApplyAsync(KubeResources.Pods, Objects.ConfigMap("a", "b"), "me & you", force: true, Ct);

        string[] heads = [.. server.Requests];
        Assert.StartsWith("PATCH /api/v1/namespaces/a/pods/b HTTP", heads[0], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/merge-patch+json", heads[0], StringComparison.Ordinal);
        Assert.StartsWith("PATCH /api/v1/namespaces/a/pods/b/status HTTP", heads[1], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/json-patch+json", heads[1], StringComparison.Ordinal);
        Assert.StartsWith("PATCH /api/v1/namespaces/a/pods/b?fieldManager=me%20%26%20you&force=true HTTP", heads[2], StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/apply-patch+yaml", heads[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1", "20+", 1, 20)]
    [InlineData("1", "36", 1, 36)]
    [InlineData("", "", 0, 0)]
    public async Task VersionAsync_ProvidersSuffix_IsIgnored(string major, string minor, int expectedMajor, int expectedMinor)
    {
        await using var server = new CannedServer($$"""200 OK||{"major":"{{major}}","minor":"{{minor}}","gitVersion":"v9"}""");
        using var client = Client(server);

        Assert.Equal(new KubeVersion(expectedMajor, expectedMinor, "v9"), await client.VersionAsync(Ct));
    }

    private static KubeClient Client(CannedServer server, ICredentialSource? credential = null) =>
        new(new KubeConfig { Server = server.Address, Credential = credential });
}
