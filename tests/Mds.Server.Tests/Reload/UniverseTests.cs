using System.Net;
using Mds.Credentials;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;
using StandIns;

namespace Mds.Server.Tests.Reload;

/// <summary>Clouds by Google that are not googleapis.com: their name in the claims, in key files, and in addresses.</summary>
public sealed class UniverseTests : IAsyncLifetime
{
    private const string App = "app@mds-tests.iam.gserviceaccount.com";
    private const string Elsewhere = "apis-elsewhere.test";

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
    public async Task Start_KeyOfAnotherUniverse_ClaimsNameItAndTokensAreOfIt()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Prefetch = Prefetch.Off,
            Endpoints = new(new Uri(Google.Url), new Uri(Google.Url), new Uri(Google.Url)),
            Credentials = [Key()],
        });

        Assert.Equal(Elsewhere, await UniverseAsync(server));
        Assert.Equal(3, (await server.AccessTokenAsync()).Split('.').Length);
        Assert.Empty(Google.Calls);

        var identity = await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=a");

        Assert.Equal(HttpStatusCode.OK, identity.Status);
        Assert.Equal(("id_token", App, "a"), (Google.Calls[^1].Outcome, Google.Calls[^1].Target, Google.Calls[^1].TargetAudience));
        Assert.DoesNotContain(server.Log.Lines, line => line.Level == LogLevel.Warning);
    }

    [Fact]
    public async Task Start_ClaimsAndKeyOfTwoUniverses_WarnsAndKeepsTheClaims()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = Claims("third.test"), Credentials = [Key()] });

        Assert.Equal("third.test", await UniverseAsync(server));
        Assert.Contains(server.Log.Lines, line => line.Level == LogLevel.Warning
            && line.Message.Contains($"in the universe third.test, but the credential of the account default is for {Elsewhere}", StringComparison.Ordinal));
    }

    // Nothing answers at these names; which one was asked is in the sentence.
    [Fact]
    public async Task Token_CredentialThatNamesNoUniverse_IsAskedForInTheClaimsUniverse()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Prefetch = Prefetch.Off,
            ConfigFile = Claims(Elsewhere),
            Credentials =
            [
                new WorkloadIdentitySettings("default")
                {
                    Provider = "projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
                    TokenFile = _folder.Write("token", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"),
                    Impersonate = App,
                },
            ],
        });

        Assert.Contains($"sts.{Elsewhere}", (await server.TokenAsync()).Body, StringComparison.Ordinal);

        _folder.RenameOver("claims.json", ClaimsText("third.test"));

        await Eventually.TrueAsync(
            async () => (await server.TokenAsync()).Body.Contains("sts.third.test", StringComparison.Ordinal), "the other universe is asked");
    }

    // The key's own token is signed here, so that the API of that universe is the first to be asked.
    [Fact]
    public async Task Tokens_ImpersonatedByAKeyOfAnotherUniverse_AreAskedForThere()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings
        {
            Prefetch = Prefetch.Off,
            Credentials = [new ImpersonationSettings("default", App, Key().KeyFile)],
        });

        var access = await server.TokenAsync();
        var identity = await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=a");

        Assert.Equal(Elsewhere, await UniverseAsync(server));
        Assert.Contains($"iamcredentials.{Elsewhere}", access.Body, StringComparison.Ordinal);
        Assert.Contains($"iamcredentials.{Elsewhere}", identity.Body, StringComparison.Ordinal);
        Assert.Empty(Google.Calls);
    }

    private static async Task<string> UniverseAsync(StartedServer server) =>
        (await server.GetAsync("/computeMetadata/v1/universe/universe-domain")).Body;

    private static string ClaimsText(string universe) => $$$"""{"universe": {"universe-domain": "{{{universe}}}"} }""";

    private string Claims(string universe) => _folder.Write("claims.json", ClaimsText(universe));

    private ServiceAccountKeySettings Key() => new("default", _folder.Write("key.json", Google.MakeClient(App).Json.Replace(
        "\"universe_domain\": \"googleapis.com\"", $"\"universe_domain\": \"{Elsewhere}\"", StringComparison.Ordinal)));
}
