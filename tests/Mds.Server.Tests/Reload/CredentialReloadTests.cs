using System.Net;
using Mds.Server.CredentialKinds;
using Mds.Server.Reload;
using Mds.Server.Settings;
using Mds.Server.Simulation;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Reload;

public sealed class CredentialReloadTests : IAsyncLifetime
{
    private const string App = "app@mds-tests.iam.gserviceaccount.com";
    private const string Job = "job@mds-tests.iam.gserviceaccount.com";
    private readonly TemporaryFolder _folder = new();
    private GoogleStandIn? _google;

    private GoogleStandIn Google => _google!;

    public async ValueTask InitializeAsync() => _google = await GoogleStandIn.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Start_KeyFile_ServesItsAccountUnderBothNames()
    {
        await using var server = await StartAsync(Key("default", _folder.Write("key.json", Google.MakeClient(App).Json)));

        var token = await server.AccessTokenAsync();

        Assert.Contains(token, Google.IssuedTokens);
        // The sample's account takes the key's name, so that clients find the one that the tokens stand for.
        Assert.Equal(token, await server.AccessTokenAsync(App));
        Assert.Equal("mds-tests", await server.ProjectIdAsync());
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Valid", "the credential is valid");
        Assert.Equal(App, (string?)(await server.CredentialStatusAsync())["principal"]);
        Assert.Single(Google.Calls);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task KeyFile_Changed_MakesNewTokensForThatAccountOnly(bool volume)
    {
        var (first, second) = (Google.MakeClient(App), Google.MakeClient(App));
        void Write(KeyFile key)
        {
            if (volume)
            {
                _folder.WriteVolume(("key.json", key.Json));
            }
            else
            {
                _folder.RenameOver("key.json", key.Json);
            }
        }

        Write(first);
        await using var server = await StartAsync(
            Key("default", _folder.File("key.json")), Key(Job, _folder.Write("job.json", Google.MakeClient(Job).Json)));
        var (token, jobToken) = (await server.AccessTokenAsync(), await server.AccessTokenAsync(Job));

        Write(second);

        await Eventually.TrueAsync(async () => await server.AccessTokenAsync() != token, "the new key's token is served");
        Assert.Equal(jobToken, await server.AccessTokenAsync(Job));
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("{}")]
    [InlineData("""{"type": "service_account", "client_email": "a@b", "token_uri": "http://x", "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}""")]
    public async Task KeyFile_Broken_StaysInUseAndSaysSoOnce(string broken)
    {
        var good = Google.MakeClient(App);
        var file = _folder.Write("key.json", good.Json);
        await using var server = await StartAsync(Key("default", file));
        var token = await server.AccessTokenAsync();

        _folder.RenameOver("key.json", broken);
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the status says so");

        Assert.Equal(token, await server.AccessTokenAsync());
        var status = await server.CredentialStatusAsync();
        Assert.Equal("Unusable", (string?)status["fault"]);
        Assert.Contains(file, (string?)status["message"]);
        Assert.DoesNotContain("\\u0022", await server.Admin.GetStringAsync("/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.EndsWith("The key loaded before stays in use until then.", (string?)status["message"]);
        Assert.Contains(file, Assert.Single(server.Log.Errors));

        _folder.RenameOver("key.json", good.Json);
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Valid", "the status is well again");
        Assert.DoesNotContain("PRIVATE KEY", string.Concat(server.Log.Lines));
    }

    // Of a key file written by hand: what it says of itself becomes no part of a path.
    [Theory]
    [InlineData("default/token")]
    [InlineData("app@mds-tests.iam.gserviceaccount.com\n")]
    public async Task KeyFile_EmailThatNoPathCanHave_LeavesTheServerWell(string email)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Credentials = [Key("default", _folder.Write("key.json", Google.MakeClient(email).Json))],
        });

        Assert.Equal("default/\ndefault@mds.iam.gserviceaccount.com/\n", (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/")).Body);
        server.Server.State.Events.Raise((id, now) => new SimulatedEvent(id, SimulatedEventKind.Preemption, now, now, now.AddHours(1)));
        Assert.Equal("TRUE", (await server.GetAsync("/computeMetadata/v1/instance/preempted")).Body);

        _folder.RenameOver("key.json", Google.MakeClient(App).Json);
        await Eventually.TrueAsync(
            async () => (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Body == App, "the next key is in use");
        Assert.Empty(server.Log.Errors);
    }

    [Fact]
    public async Task KeyFile_Vanished_StaysInUse()
    {
        var file = _folder.Write("key.json", Google.MakeClient(App).Json);
        await using var server = await StartAsync(Key("default", file));
        var token = await server.AccessTokenAsync();

        File.Delete(file);

        await Eventually.TrueAsync(
            async () => (string?)(await server.CredentialStatusAsync())["message"]
                == $"The file {file} does not exist. The key loaded before stays in use until then.",
            "the status says so");
        Assert.Equal(token, await server.AccessTokenAsync());
    }

    // An optional Secret that is made after the pod.
    [Fact]
    public async Task Start_DegradedWithoutKeyFile_AnswersUnavailableUntilItAppears()
    {
        var settings = new ServerSettings { Credentials = [Key("default", _folder.File("key.json"))], StartDegraded = true };
        await using var server = await StartedServer.StartAsync(settings);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        var status = await server.CredentialStatusAsync();
        Assert.Equal(
            ("Failed", "Unusable", $"The file {_folder.File("key.json")} does not exist."),
            ((string?)status["state"], (string?)status["fault"], (string?)status["message"]));
        using (var ready = await server.Admin.GetAsync("/readyz", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.OK, ready.StatusCode);
        }

        _folder.WriteVolume(("key.json", Google.MakeClient(App).Json));

        await Eventually.TrueAsync(async () => (await server.TokenAsync()).Status == HttpStatusCode.OK, "a token is served");
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Valid", "the status is well");
    }

    [Theory]
    [InlineData("nonsense", "JSON")]
    [InlineData("""{"type": "service_account", "client_email": "a@b", "token_uri": "https://oauth2.googleapis.com/token"}""", "private_key")]
    [InlineData("""{"type": "service_account", "client_email": "a@b", "token_uri": "https://oauth2.googleapis.com/token", "private_key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}""", "private_key")]
    public async Task Start_BrokenKeyFile_IsRefusedWithASentence(string content, string names)
    {
        var file = _folder.Write("key.json", content);

        var exception = await Assert.ThrowsAsync<StartException>(() => StartAsync(Key("default", file)));

        var error = Assert.Single(exception.Errors);
        Assert.StartsWith("The credential of the account \"default\" cannot be used. ", error);
        Assert.Contains(file, error);
        Assert.Contains(names, error);
    }

    [Fact]
    public async Task Token_KeyThatGoogleDoesNotKnow_IsUnavailableAndRejectedInStatus()
    {
        var stranger = KeyFile.Make(App, Google.TokenUrl);
        Google.MakeClient(App);
        await using var server = await StartAsync(Key("default", _folder.Write("key.json", stranger.Json)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the status says so");
        Assert.Equal("Rejected", (string?)(await server.CredentialStatusAsync())["fault"]);
        Assert.Contains("mds_credential_valid{account=\"default\"} 0\n", await server.MetricsAsync());
    }

    [Fact]
    public async Task Token_AccountWithoutCredential_IsNotFound()
    {
        await using var server = await StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await server.TokenAsync()).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.TokenAsync(Job)).Status);
    }

    [Fact]
    public async Task Claims_Changed_KeyFilesTokensSurviveAndLocalOnesFollowTheAccount()
    {
        var claims = _folder.Write("claims.json", Accounts(App, Job));
        var settings = new ServerSettings
        {
            ConfigFile = claims,
            Credentials = [Key("default", _folder.Write("key.json", Google.MakeClient(App).Json)), new LocalSettings(Job)],
        };
        await using var server = await StartedServer.StartAsync(settings);
        var token = await server.AccessTokenAsync();

        _folder.RenameOver("claims.json", Accounts("renamed@mds-tests.iam.gserviceaccount.com", Job));
        await Eventually.TrueAsync(
            async () => (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Body.StartsWith("renamed", StringComparison.Ordinal),
            "the change is served");

        Assert.Equal(token, await server.AccessTokenAsync());
        Assert.Equal(HttpStatusCode.OK, (await server.TokenAsync(Job)).Status);
    }

    private static string Accounts(string email, string other) =>
        $$$"""{"instance": {"serviceAccounts": {"default": {"email": "{{{email}}}"}, "{{{other}}}": {"aliases": [], "scopes": []} } } }""";

    private static ServiceAccountKeySettings Key(string account, string file) => new(account, file);

    private static Task<StartedServer> StartAsync(params CredentialSettings[] credentials) =>
        StartedServer.StartAsync(new ServerSettings { Credentials = credentials });
}
