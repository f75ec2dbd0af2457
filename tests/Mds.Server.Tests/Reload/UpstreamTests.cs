using System.Net;
using Mds.Server.CredentialKinds;
using Mds.Server.Reload;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Reload;

/// <summary>One server in front of another, which is what a real machine's metadata server would be.</summary>
public sealed class UpstreamTests : IAsyncLifetime
{
    private const string App = "app@mds-tests.iam.gserviceaccount.com";
    private const string Description = "/computeMetadata/v1/instance/description";
    private readonly TemporaryFolder _folder = new();
    private GoogleStandIn? _google;
    private StartedServer? _machine;

    private StartedServer Machine => _machine!;

    private string Address => Machine.Server.Metadata.Authority;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        _folder.Write("machine.json", Claims("one"));
        _machine = await StartedServer.StartAsync(new ServerSettings
        {
            ConfigFile = _folder.File("machine.json"),
            Credentials =
            [
                new ServiceAccountKeySettings("default", _folder.Write("key.json", _google.MakeClient(App).Json)),
                new LocalSettings("local@mds-tests.iam.gserviceaccount.com", "http://issuer.test"),
                new StaticSettings("static@mds-tests.iam.gserviceaccount.com", "fixed"),
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        await Machine.DisposeAsync();
        await _google!.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Tokens_OfAnotherServer_ArePassedOn()
    {
        await using var server = await StartAsync(new UpstreamSettings("default", Address));

        Assert.Equal(await Machine.AccessTokenAsync(), await server.AccessTokenAsync());
        Assert.Contains((await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://x?a=b%26c")).Body, _google!.IssuedTokens);
        Assert.Equal("https://x?a=b&c", _google.Calls[^1].TargetAudience);
        Assert.Equal("upstream", (string?)(await server.CredentialStatusAsync())["kind"]);
    }

    [Fact]
    public async Task IdentityToken_FullWithLicenses_IsAskedForAsSuch()
    {
        const string Local = "local@mds-tests.iam.gserviceaccount.com";
        await using var server = await StartAsync(new UpstreamSettings(Local, Address, Local));

        var token = (await server.GetAsync($"/computeMetadata/v1/instance/service-accounts/{Local}/identity?audience=x&format=full&licenses=TRUE")).Body;

        var claims = System.Text.Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
        Assert.Contains("\"compute_engine\"", claims);
        Assert.Contains("\"license_id\"", claims);
    }

    [Fact]
    public async Task Tokens_AccountThatIsNotThere_NotFound()
    {
        await using var server = await StartAsync(
            new UpstreamSettings("default", Address, "nobody@p"), new UpstreamSettings("static@mds-tests.iam.gserviceaccount.com", Address, "static@mds-tests.iam.gserviceaccount.com"));

        Assert.Equal(HttpStatusCode.NotFound, (await server.TokenAsync()).Status);
        Assert.Equal("fixed", await server.AccessTokenAsync("static@mds-tests.iam.gserviceaccount.com"));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/static@mds-tests.iam.gserviceaccount.com/identity?audience=x")).Status);
    }

    [Fact]
    public async Task Tokens_ServerThatIsNoMetadataServer_UnavailableSayingSo()
    {
        await using var server = await StartAsync(new UpstreamSettings("default", new Uri(_google!.Url).Authority));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);

        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the status says so");
        var status = await server.CredentialStatusAsync();
        Assert.Equal("Unavailable", (string?)status["fault"]);
        Assert.EndsWith("not as a metadata server does (without Metadata-Flavor: Google).", (string?)status["message"]);
    }

    [Fact]
    public async Task Claims_OfAnotherServer_AreServedWithTheFilesOverThemAndKeptUpWith()
    {
        _folder.Write("claims.json", """{"instance": {"attributes": {"own": "yes", "theirs": null}}}""");
        await using var server = await StartedServer.StartAsync(
            new ServerSettings { ClaimsUpstream = Address, ConfigFile = _folder.File("claims.json") });

        Assert.Equal("one", (await server.GetAsync(Description)).Body);
        Assert.Equal("common\nown\n", (await server.GetAsync("/computeMetadata/v1/instance/attributes/")).Body);

        _folder.RenameOver("machine.json", Claims("two"));
        await Eventually.TrueAsync(async () => (await server.GetAsync(Description)).Body == "two", "the change there is served here");
        _folder.RenameOver("claims.json", """{"instance": {"description": "own"}}""");
        await Eventually.TrueAsync(async () => (await server.GetAsync(Description)).Body == "own", "the change here is served");
        Assert.Equal("common\ntheirs\n", (await server.GetAsync("/computeMetadata/v1/instance/attributes/")).Body);
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task Claims_OtherServerGoneAndBack_LastOnesStayUntilThen()
    {
        await Machine.DisposeAsync();
        var (settings, at) = (new ServerSettings { ConfigFile = _folder.File("machine.json") }, IPEndPoint.Parse("127.77.2.1:16181"));
        _machine = await StartedServer.StartAsync(settings, at: at);
        await using var server = await StartedServer.StartAsync(new ServerSettings { ClaimsUpstream = Address });
        Assert.Equal("one", (await server.GetAsync(Description)).Body);

        await Machine.DisposeAsync();

        await Eventually.TrueAsync(async () => (bool?)(await server.StatusAsync())["claims"]!["valid"] == false, "the status says so");
        Assert.Equal("one", (await server.GetAsync(Description)).Body);
        Assert.StartsWith($"The metadata server at {Address} ", (string?)(await server.StatusAsync())["claims"]!["error"]);

        _folder.RenameOver("machine.json", Claims("three"));
        _machine = await StartedServer.StartAsync(settings, at: at);

        await Eventually.TrueAsync(async () => (await server.GetAsync(Description)).Body == "three", "what it says now is served");
        Assert.True((bool?)(await server.StatusAsync())["claims"]!["valid"]);
    }

    [Fact]
    public async Task Claims_OtherServerAwayAtStart_RefusedOrWaitedFor()
    {
        var settings = new ServerSettings { ClaimsUpstream = "127.0.0.1:1" };

        var exception = await Assert.ThrowsAsync<StartException>(() => StartedServer.StartAsync(settings));

        Assert.StartsWith(
            "The claims (-claimsUpstream) cannot be used. The metadata server at 127.0.0.1:1 could not be reached: Connection refused", Assert.Single(exception.Errors));
        await using var server = await StartedServer.StartAsync(settings with { StartDegraded = true });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Description)).Status);
        using var ready = await server.Admin.GetAsync("/readyz", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
    }

    // GCE_METADATA_HOST leads to the server itself in the terminal that it was made for.
    [Fact]
    public async Task Start_ItselfAsUpstream_IsRefused()
    {
        var at = IPEndPoint.Parse("127.77.2.2:16181");

        var claims = await Assert.ThrowsAsync<StartException>(
            () => StartedServer.StartAsync(new ServerSettings { ClaimsUpstream = at.ToString() }, at: at));
        var tokens = await Assert.ThrowsAsync<StartException>(
            () => StartedServer.StartAsync(new ServerSettings { Credentials = [new UpstreamSettings("default", at.ToString())] }, at: at));

        Assert.Contains("is this server itself", Assert.Single(claims.Errors));
        Assert.Contains("is this server itself", Assert.Single(tokens.Errors));
    }

    [Fact]
    public async Task Start_MetadataHostThatIsNone_IsRefusedInASentence()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => StartedServer.StartAsync(new ServerSettings
        {
            Variables = new Dictionary<string, string> { ["GCE_METADATA_HOST"] = "http://x" },
            Credentials = [new ImpersonationSettings("default", "app@p.iam.gserviceaccount.com", null)],
        }));

        Assert.Contains("\"http://x\" is not a host where a metadata server could be.", Assert.Single(exception.Errors));
    }

    // It has no such account: not there for clients, a failure of the account for whoever runs the server.
    [Fact]
    public async Task Token_AccountIsNotThere_Is404AndTheStatusSaysFailed()
    {
        await using var server = await StartAsync(new UpstreamSettings("default", Address, "nobody@p.iam.gserviceaccount.com"));

        Assert.Equal(HttpStatusCode.NotFound, (await server.TokenAsync()).Status);

        var status = await server.CredentialStatusAsync();
        Assert.Equal(("Failed", "Missing"), ((string?)status["state"], (string?)status["fault"]));
        Assert.Contains("has no access tokens for the account nobody@", (string?)status["message"], StringComparison.Ordinal);
    }

    private static string Claims(string description) =>
        $$"""
        {
          "project": {"projectId": "mds-tests", "numericProjectId": 18446744073709551615},
          "instance": {
            "description": "{{description}}", "zone": "projects/1/zones/europe-west1-b", "id": 7, "name": "one", "licenses": [{"id": "5"}],
            "attributes": {"common": "1", "theirs": "2"}
          }
        }
        """;

    private static Task<StartedServer> StartAsync(params CredentialSettings[] credentials) =>
        StartedServer.StartAsync(new ServerSettings { Credentials = credentials });
}
