using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Mds.Credentials;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Reload;

/// <summary>Files replaced while clients ask: no request fails, and the new credential's tokens are served at once.</summary>
public sealed class ReplacementTests : IAsyncLifetime
{
    private const string Caller = "caller@mds-tests.iam.gserviceaccount.com";
    private const string App = "app@mds-tests.iam.gserviceaccount.com";
    private const int Rounds = 3;
    private readonly TemporaryFolder _folder = new();
    private readonly OutsideIssuer _outside = new();
    private GoogleStandIn? _google;

    private GoogleStandIn Google => _google!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        Google.AddProvider(_outside.Provider);
        Google.AddTokenCreator(Caller, App);
        Google.AddTokenCreator(OutsideIssuer.Principal, App);
        _folder.Write("token", _outside.Token());
    }

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        _outside.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("key", false)]
    [InlineData("key", true)]
    [InlineData("self-signed", true)]
    [InlineData("impersonation", true)]
    [InlineData("federation", true)]
    [InlineData("static", false)]
    [InlineData("static", true)]
    [InlineData("local", true)]
    public async Task Files_ReplacedWhileRequestsAreInFlight_NoRequestFails(string kind, bool volume)
    {
        Write(kind, 0, volume);
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Credentials = [Settings(kind)],
            Endpoints = new GoogleEndpoints(new Uri(Google.Url), new Uri(Google.Url), new Uri(Google.Url)),
        });
        var token = await server.AccessTokenAsync();
        var answers = new ConcurrentBag<HttpStatusCode>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                answers.Add((i % 2 == 0
                    ? await server.TokenAsync()
                    : await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=x")).Status);
            }
        }, Cancellation)).ToList();

        for (var round = 1; round <= Rounds; round++)
        {
            Write(kind, round, volume);
            var before = token;
            await Eventually.TrueAsync(async () => (token = await server.AccessTokenAsync()) != before, "the new credential's token is served");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.Equal([HttpStatusCode.OK], answers.Distinct());
        Assert.Empty(server.Log.Errors);
    }

    private CredentialSettings Settings(string kind) => kind switch
    {
        "key" => new ServiceAccountKeySettings("default", _folder.File("key.json")),
        "self-signed" => new ServiceAccountKeySettings("default", _folder.File("key.json"), UseOauthToken: false),
        "impersonation" => new ImpersonationSettings("default", App, _folder.File("key.json")),
        "federation" => new WorkloadIdentitySettings("default") { File = _folder.File("config.json") },
        "static" => new StaticSettings("default") { AccessTokenFile = _folder.File("access-token"), IdentityTokenFile = _folder.File("identity-token") },
        _ => new LocalSettings("default", "http://issuer.test", _folder.File("key.pem")),
    };

    private void Write(string kind, int round, bool volume)
    {
        (string Name, string Content)[] files = kind switch
        {
            "key" or "self-signed" => [("key.json", Google.MakeClient(App).Json)],
            "impersonation" => [("key.json", Google.MakeClient(Caller).Json)],
            "federation" => [("config.json", Federation(round))],
            "static" => [("access-token", $"access-{round}"), ("identity-token", $"identity-{round}")],
            _ => [("key.pem", Pem())],
        };
        if (volume)
        {
            _folder.WriteVolume(files);
            return;
        }

        foreach (var (name, content) in files)
        {
            _folder.RenameOver(name, content);
        }
    }

    private string Federation(int round) => new JsonObject
    {
        ["type"] = "external_account",
        ["audience"] = OutsideIssuer.Audience,
        ["subject_token_type"] = "urn:ietf:params:oauth:token-type:jwt",
        ["token_url"] = "https://sts.googleapis.com/v1/token",
        ["service_account_impersonation_url"] = $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{App}:generateAccessToken",
        ["service_account_impersonation"] = new JsonObject { ["token_lifetime_seconds"] = 3600 - round },
        ["credential_source"] = new JsonObject { ["file"] = _folder.File("token") },
    }.ToJsonString();

    private static string Pem()
    {
        using var key = RSA.Create(2048);
        return key.ExportPkcs8PrivateKeyPem();
    }
}
