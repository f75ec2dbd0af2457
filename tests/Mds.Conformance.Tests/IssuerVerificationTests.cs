using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Conformance.Tests;

/// <summary>Services that are told to trust the local issuer, with Google's own verifiers.</summary>
public sealed class IssuerVerificationTests(IssuerVerificationTests.LocalServers servers)
    : IClassFixture<IssuerVerificationTests.LocalServers>
{
    private const string Audience = "https://service.example";

    [Fact]
    public async Task Python_GoogleAuth_BelievesTheIssuerAndNobodyElse()
    {
        var claims = (await PythonAsync(await IdentityTokenAsync(servers.Trusted)))["claims"]!;

        AssertClaims(claims);
        Assert.Null((await PythonAsync(await IdentityTokenAsync(servers.Stranger)))["claims"]);
    }

    [Fact]
    public async Task Node_GoogleAuthLibrary_BelievesTheIssuerAndNobodyElse()
    {
        var report = await NodeAsync(await IdentityTokenAsync(servers.Trusted), await AccessTokenAsync(servers.Trusted));

        AssertClaims(report["claims"]!);
        AssertClaims(report["claimsByCertificate"]!);
        AssertClaims(report["claimsByKeySet"]!);
        Assert.Equal(Servers.Email, (string?)report["tokenInfo"]!["email"]);
        Assert.Equal(["https://www.googleapis.com/auth/cloud-platform"], report["tokenInfo"]!["scopes"]!.AsArray().Select(scope => (string?)scope));

        var stranger = await NodeAsync(await IdentityTokenAsync(servers.Stranger), await AccessTokenAsync(servers.Stranger));
        Assert.All(stranger, member => Assert.Null(member.Value));
    }

    private static void AssertClaims(JsonNode claims)
    {
        Assert.Equal((Audience, Servers.Email), ((string?)claims["aud"], (string?)claims["email"]));
        var machine = claims["google"]!["compute_engine"]!;
        Assert.Equal("conformance-project", (string?)machine["project_id"]);
        Assert.Equal("europe-west1-b", (string?)machine["zone"]);
    }

    private async Task<JsonObject> PythonAsync(string token) => await RunAsync(
        "/usr/bin/python3",
        [Built.File("python/verify.py"), servers.Issuer, Audience, token],
        "google-auth for the system's Python (Debian: apt-get install python3-google-auth python3-requests)");

    private async Task<JsonObject> NodeAsync(string identityToken, string accessToken) => await RunAsync(
        "node",
        [Built.File("node/verify.mjs"), await NodePackages.FolderAsync(), servers.Issuer, Audience, identityToken, accessToken],
        NodePackages.ToInstall);

    private async Task<JsonObject> RunAsync(string program, string[] arguments, string toInstall) => JsonSerializer.Deserialize<JsonObject>(
        await ChildProcess.RunAsync(ChildProcess.Describe(program, arguments, servers.Home, []), toInstall))!;

    private static Task<string> IdentityTokenAsync(MdsServer server) =>
        GetAsync(server, $"identity?audience={Uri.EscapeDataString(Audience)}&format=full");

    private static async Task<string> AccessTokenAsync(MdsServer server) =>
        (string)JsonNode.Parse(await GetAsync(server, "token"))!["access_token"]!;

    private static async Task<string> GetAsync(MdsServer server, string leaf)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        http.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        return await http.GetStringAsync(
            new Uri($"/computeMetadata/v1/instance/service-accounts/default/{leaf}", UriKind.Relative), TestContext.Current.CancellationToken);
    }

    /// <summary>A server whose issuer is trusted, and one that says the same of itself and has another key.</summary>
    public sealed class LocalServers : IAsyncLifetime
    {
        public string Home { get; } = Directory.CreateTempSubdirectory("mds-issuer-").FullName;

        public string Issuer => Trusted.Issuer;

        internal MdsServer Trusted { get; private set; } = null!;

        internal MdsServer Stranger { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Trusted = await MdsServer.StartAsync(Home, "-local", "-issuerPort", ":0");
            Stranger = await MdsServer.StartAsync(Home, "-local", "-localIssuer", Trusted.Issuer);
        }

        public async ValueTask DisposeAsync()
        {
            await Trusted.DisposeAsync();
            await Stranger.DisposeAsync();
            Directory.Delete(Home, recursive: true);
        }
    }
}
