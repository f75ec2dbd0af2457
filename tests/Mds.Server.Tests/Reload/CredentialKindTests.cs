using System.Net;
using System.Text.Json.Nodes;
using Mds.Credentials;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Reload;

/// <summary>Each kind of credential through the whole server: settings, files, cache, answers.</summary>
public sealed class CredentialKindTests : IAsyncLifetime
{
    private const string Caller = "caller@mds-tests.iam.gserviceaccount.com";
    private const string App = "app@mds-tests.iam.gserviceaccount.com";
    private const string Job = "job@mds-tests.iam.gserviceaccount.com";
    private readonly TemporaryFolder _folder = new();
    private GoogleStandIn? _google;

    private GoogleStandIn Google => _google!;

    private GoogleEndpoints Endpoints => new(new Uri(Google.Url), new Uri(Google.Url), new Uri(Google.Url));

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        Google.AddTokenCreator(Caller, App);
        Google.AddTokenCreator(Caller, Job);
    }

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Start_SeveralAccounts_EachHasItsOwnTokensUnderItsNames()
    {
        var source = _folder.Write("caller.json", Google.MakeClient(Caller).Json);
        await using var server = await StartAsync(
            new ImpersonationSettings("default", App, source),
            new ImpersonationSettings(Job, Job, source),
            new LocalSettings("local@mds-tests.iam.gserviceaccount.com"));

        var tokens = await Task.WhenAll(
            server.AccessTokenAsync(), server.AccessTokenAsync(App), server.AccessTokenAsync(Job),
            server.AccessTokenAsync("local@mds-tests.iam.gserviceaccount.com"));

        Assert.Equal(tokens[0], tokens[1]);
        Assert.Equal(3, tokens.Distinct().Count());
        Assert.Equal([App, Job], Google.Calls.Select(call => call.Target).OfType<string>().Distinct().Order());
        Assert.Equal(App, (string?)(await server.CredentialStatusAsync())["principal"]);
        Assert.Equal("mds-tests", await server.ProjectIdAsync());
    }

    [Fact]
    public async Task IdentityToken_FullWithLicensesOfGoogle_IsWhatGoogleGives()
    {
        await using var server = await StartAsync(
            new ServiceAccountKeySettings("default", _folder.Write("key.json", Google.MakeClient(Caller).Json)),
            new ImpersonationSettings(App, App, _folder.Write("caller.json", Google.MakeClient(Caller).Json)));

        foreach (var (account, email) in new[] { ("default", Caller), (App, App) })
        {
            var (status, token) = await server.GetAsync(
                $"/computeMetadata/v1/instance/service-accounts/{account}/identity?audience=a&format=full&licenses=TRUE");

            Assert.Equal(HttpStatusCode.OK, status);
            Assert.Contains(token, Google.IssuedTokens);
            var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!;
            Assert.Equal(("a", email), ((string?)claims["aud"], (string?)claims["email"]));
            Assert.Null(claims["google"]);
        }
    }

    // -impersonate alone, as the reference emulator has it.
    [Fact]
    public async Task Start_ImpersonationWithoutTarget_SpeaksForWhomTheClaimsName()
    {
        var claims = _folder.Write("claims.json", $$$"""{"instance": {"serviceAccounts": {"default": {"email": "{{{App}}}"} } } }""");
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            ConfigFile = claims,
            Endpoints = Endpoints,
            Credentials = [new ImpersonationSettings("default", null, _folder.Write("caller.json", Google.MakeClient(Caller).Json))],
        });

        await server.AccessTokenAsync();

        Assert.Equal(App, Google.Calls[^1].Target);
    }

    [Fact]
    public async Task Start_ImpersonationByAnotherMetadataServer_AsksItForTheToken()
    {
        await using var machine = await StartAsync(
            new ServiceAccountKeySettings("default", _folder.Write("caller.json", Google.MakeClient(Caller).Json)));
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Endpoints = Endpoints,
            Credentials = [new ImpersonationSettings("default", App, SourceFile: null)],
            Variables = new Dictionary<string, string> { ["GCE_METADATA_HOST"] = machine.Server.Metadata.Authority },
        });

        await server.AccessTokenAsync();

        Assert.Equal((Caller, App), (Google.Calls[^1].Issuer, Google.Calls[^1].Target));
    }

    [Fact]
    public async Task Start_KeyWithoutOauth_NobodyIsAsked()
    {
        var key = _folder.Write("key.json", Google.MakeClient(App).Json);
        await using var server = await StartAsync(new ServiceAccountKeySettings("default", key, UseOauthToken: false));

        Assert.Equal(3, (await server.AccessTokenAsync()).Split('.').Length);
        Assert.Empty(Google.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StaticFiles_Changed_AreServedAtOnce(bool volume)
    {
        void Write(string access, string identity)
        {
            if (volume)
            {
                _folder.WriteVolume(("access-token", access), ("identity-token", identity));
            }
            else
            {
                _folder.RenameOver("access-token", access);
                _folder.RenameOver("identity-token", identity);
            }
        }

        Write("first\n", "first-identity\n");
        await using var server = await StartAsync(new StaticSettings("default")
        {
            AccessTokenFile = _folder.File("access-token"), IdentityTokenFile = _folder.File("identity-token"),
        });
        Assert.Equal("first", await server.AccessTokenAsync());

        Write("second", "second-identity");

        await Eventually.TrueAsync(async () => await server.AccessTokenAsync() == "second", "the new token is served");
        await Eventually.TrueAsync(
            async () => (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=x")).Body == "second-identity",
            "the new identity token is served");
        Write("", "third-identity");
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the status says so");
        Assert.Equal(
            $"The file {_folder.File("access-token")} is empty; a token was expected. The files loaded before stay in use until then.",
            (string?)(await server.CredentialStatusAsync())["message"]);
        Assert.Equal("second", await server.AccessTokenAsync());
    }

    [Fact]
    public async Task Status_RoleMissing_SaysWhichAndAnswersUnavailable()
    {
        var source = _folder.Write("other.json", Google.MakeClient("other@mds-tests.iam.gserviceaccount.com").Json);
        await using var server = await StartAsync(new ImpersonationSettings("default", App, source));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);

        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the status says so");
        var status = await server.CredentialStatusAsync();
        Assert.Equal(("impersonation", "Rejected"), ((string?)status["kind"], (string?)status["fault"]));
        Assert.Contains("roles/iam.serviceAccountTokenCreator", (string?)status["message"]);
    }

    private Task<StartedServer> StartAsync(params CredentialSettings[] credentials) =>
        StartedServer.StartAsync(new ServerSettings { Credentials = credentials, Endpoints = Endpoints });
}
