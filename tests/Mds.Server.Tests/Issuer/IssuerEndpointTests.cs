using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Issuer;

/// <summary>What verifies tokens made here, over the listener that is there for it.</summary>
public sealed class IssuerEndpointTests : IDisposable
{
    private const string Job = "job@p.iam.gserviceaccount.com";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_WithoutLocalIssuer_IsNotFoundAndSaysWhy()
    {
        await using var server = await StartAsync();

        using var answer = await server.Issuer.GetAsync("/.well-known/openid-configuration", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.StartsWith("No account has a local issuer", await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Get_Discovery_LeadsToTheKeysOfTheTokens()
    {
        await using var server = await StartAsync(new LocalSettings("default"));

        var discovery = JsonNode.Parse(await server.Issuer.GetStringAsync("/.well-known/openid-configuration", Cancellation))!;
        var keys = JsonNode.Parse(await server.Issuer.GetStringAsync((string)discovery["jwks_uri"]!, Cancellation))!["keys"]!.AsArray();
        var token = await IdentityTokenAsync(server);

        Assert.Equal($"http://{server.Server.Issuer!.Authority}", (string?)discovery["issuer"]);
        Assert.Equal((string?)discovery["issuer"], (string?)Part(token, 1)["iss"]);
        Assert.Equal((string?)Part(token, 0)["kid"], (string?)Assert.Single(keys)!["kid"]);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration", "application/json")]
    [InlineData("/jwks", "application/jwk-set+json")]
    [InlineData("/certs", "application/json")]
    public async Task Get_Documents_MayBeKeptForAMinute(string path, string type)
    {
        await using var server = await StartAsync(new LocalSettings("default"));

        using var answer = await server.Issuer.GetAsync(path, Cancellation);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(TimeSpan.FromMinutes(1), answer.Headers.CacheControl!.MaxAge);
    }

    [Fact]
    public async Task Get_KeysOfTwoIssuers_HoldsBoth()
    {
        await using var server = await StartAsync(new LocalSettings("default"), new LocalSettings(Job, "http://other.test"));

        Assert.Equal(2, (await KeyIdsAsync(server)).Distinct().Count());
        var certificates = JsonNode.Parse(await server.Issuer.GetStringAsync("/certs", Cancellation))!.AsObject();
        Assert.Equal(await KeyIdsAsync(server), certificates.Select(certificate => certificate.Key));
    }

    [Theory]
    [InlineData("http://a.test", "/.well-known/openid-configuration", "http://a.test")]
    [InlineData("http://a.test/team/x", "/team/x/.well-known/openid-configuration", "http://a.test/team/x")]
    [InlineData("http://a.test/team/x/", "/team/x/.well-known/openid-configuration", "http://a.test/team/x/")]
    [InlineData("http://a.test/team/x", "/.well-known/openid-configuration", "http://b.test")]
    public async Task Get_Discovery_BelowEachIssuersOwnPath(string issuer, string path, string expected)
    {
        await using var server = await StartAsync(new LocalSettings("default", issuer), new LocalSettings(Job, "http://b.test"));

        Assert.Equal(expected, (string?)JsonNode.Parse(await server.Issuer.GetStringAsync(path, Cancellation))!["issuer"]);
    }

    [Fact]
    public async Task Get_DiscoveryOfTwoIssuersAtOnePath_GoesByTheHost()
    {
        await using var server = await StartAsync(new LocalSettings("default", "http://a.test"), new LocalSettings(Job, "http://b.test:81"));

        server.Issuer.DefaultRequestHeaders.Host = "b.test:81";

        Assert.Equal(
            "http://b.test:81",
            (string?)JsonNode.Parse(await server.Issuer.GetStringAsync("/.well-known/openid-configuration", Cancellation))!["issuer"]);
    }

    [Fact]
    public async Task TokenInfo_TokenOfThisServer_TellsWhoseItIs()
    {
        await using var server = await StartAsync(new LocalSettings("default"));
        var token = await server.AccessTokenAsync();

        var info = JsonNode.Parse(await server.Issuer.GetStringAsync($"/tokeninfo?access_token={token}", Cancellation))!;

        Assert.Equal("sample@mds-sample.iam.gserviceaccount.com", (string?)info["email"]);
        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", (string?)info["scope"]);
        Assert.InRange(int.Parse((string)info["expires_in"]!), 3500, 3600);
    }

    [Fact]
    public async Task TokenInfo_TokenInAForm_IsReadThere()
    {
        await using var server = await StartAsync(new LocalSettings("default"));
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("id_token", await IdentityTokenAsync(server))]);

        using var answer = await server.Issuer.PostAsync("/tokeninfo", form, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("a", (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["aud"]);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task TokenInfo_TokenAsBearer_IsReadThere()
    {
        await using var server = await StartAsync(new LocalSettings("default"));
        server.Issuer.DefaultRequestHeaders.Authorization = new("Bearer", await server.AccessTokenAsync());
        using var empty = new FormUrlEncodedContent([]);

        using var answer = await server.Issuer.PostAsync("/tokeninfo", empty, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Theory]
    [InlineData("/tokeninfo", "invalid_request")]
    [InlineData("/tokeninfo?access_token=ya29.x", "invalid_token")]
    [InlineData("/tokeninfo?id_token=x", "invalid_token")]
    public async Task TokenInfo_NothingToBelieve_Is400(string path, string error)
    {
        await using var server = await StartAsync(new LocalSettings("default"));

        using var answer = await server.Issuer.GetAsync(path, Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal(error, (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancellation))!["error"]);
    }

    [Fact]
    public async Task Post_Document_IsNotAllowed()
    {
        await using var server = await StartAsync(new LocalSettings("default"));

        using var answer = await server.Issuer.PostAsync("/jwks", new StringContent("x"), Cancellation);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task KeyFile_Changed_SignsWithTheNewKeyAndStillVouchesForTheOld()
    {
        var file = _folder.Write("key.pem", Pem());
        await using var server = await StartAsync(new LocalSettings("default", "http://issuer.test", file));
        var old = Assert.Single(await KeyIdsAsync(server));
        var token = await server.AccessTokenAsync();

        _folder.RenameOver("key.pem", Pem());
        await Eventually.TrueAsync(
            async () => (string?)Part(await IdentityTokenAsync(server), 0)["kid"] != old, "the new key signs");

        Assert.Equal(2, (await KeyIdsAsync(server)).Length);
        Assert.Equal(old, (await KeyIdsAsync(server))[1]);
        Assert.NotEqual(token, await server.AccessTokenAsync());
        using var answer = await server.Issuer.GetAsync($"/tokeninfo?access_token={token}", Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task KeyFile_TwoServers_VouchForEachOther()
    {
        var file = _folder.Write("key.pem", Pem());
        await using var one = await StartAsync(new LocalSettings("default", "http://issuer.test", file));
        await using var two = await StartAsync(new LocalSettings("default", "http://issuer.test", file));

        using var answer = await two.Issuer.GetAsync($"/tokeninfo?access_token={await one.AccessTokenAsync()}", Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(await KeyIdsAsync(one), await KeyIdsAsync(two));
    }

    [Fact]
    public async Task IdentityToken_Full_HoldsWhatTheTreeSaysOfTheMachineNow()
    {
        const string Machine = """{"instance": {"name": "web-1", "id": 7, "creationTimestamp": 1773144000, "licenses": [{"id": "5"}]}, "project": {"projectId": "p1"}}""";
        var claims = _folder.Write("claims.json", Machine);
        await using var server = await StartedServer.StartAsync(
            new ServerSettings { ConfigFile = claims, Credentials = [new LocalSettings("default")] });

        Assert.Equal(
            """{"instance_creation_timestamp":1773144000,"instance_id":"7","instance_name":"web-1","license_id":["5"],"project_id":"p1"}""",
            await ComputeEngineAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/computeMetadata/v1/instance/creation-timestamp")).Status);

        _folder.RenameOver("claims.json", Machine.Replace("web-1", "web-2", StringComparison.Ordinal));

        await Eventually.TrueAsync(
            async () => (await ComputeEngineAsync()).Contains("\"web-2\"", StringComparison.Ordinal), "the new name is in the tokens");

        async Task<string> ComputeEngineAsync() => Part(
            (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=a&format=full&licenses=TRUE")).Body,
            1)["google"]!["compute_engine"]!.ToJsonString();
    }

    // Kubernetes' API servers take no issuer without TLS.
    [Fact]
    public async Task Tls_CertificateGiven_IsServedWithoutAskingClientsForOne()
    {
        var authority = TestAuthority.Root("servers");
        var (certificate, key) = authority.Issue("issuer", isServer: true);
        var tls = new TlsSettings(_folder.Write("tls.crt", certificate), _folder.Write("tls.key", key));
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Issuer = ListenerSettings.DefaultIssuer with { Tls = tls },
            Credentials = [new LocalSettings("default")],
        });
        await using var client = await TlsClient.ConnectAsync(server.Server.Issuer!.Port, authority, null);

        Assert.Equal("HTTP/1.1 200 OK", await client.GetAsync("/jwks"));
        Assert.Equal($"https://127.0.0.1:{server.Server.Issuer.Port}", (string?)Part(await IdentityTokenAsync(server), 1)["iss"]);
    }

    private static Task<StartedServer> StartAsync(params CredentialSettings[] credentials) =>
        StartedServer.StartAsync(new ServerSettings { Credentials = credentials });

    private static async Task<string> IdentityTokenAsync(StartedServer server) =>
        (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=a")).Body;

    private static async Task<string[]> KeyIdsAsync(StartedServer server) =>
        [.. JsonNode.Parse(await server.Issuer.GetStringAsync("/jwks", Cancellation))!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    private static JsonNode Part(string token, int index) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[index]))!;

    private static string Pem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
