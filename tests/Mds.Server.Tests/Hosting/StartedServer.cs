using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Tests.Hosting;

/// <summary>A server in this process, on ports of its own, with clients for both listeners.</summary>
internal sealed class StartedServer : IAsyncDisposable
{
    private StartedServer(RunningServer server, CapturedLog log)
    {
        Server = server;
        Log = log;
        // A Unix socket has no port, and is asked by clients of its own.
        Metadata = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Metadata.Port}") };
        Metadata.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        Admin = new HttpClient { BaseAddress = new Uri($"http://{server.Admin!.Authority}") };
        Issuer = new HttpClient { BaseAddress = new Uri(server.Issuer!.Url) };
    }

    public RunningServer Server { get; }

    public CapturedLog Log { get; }

    /// <summary>A client that sends the header that is required.</summary>
    public HttpClient Metadata { get; }

    public HttpClient Admin { get; }

    public HttpClient Issuer { get; }

    public static ServerSettings OnFreePorts(ServerSettings settings, bool api = true, ListenerSettings? adminOn = null) => settings with
    {
        Metadata = settings.Metadata with { Tcp = settings.Metadata.Tcp is { } tcp ? tcp with { Port = 0 } : null },
        Admin = new AdminSettings((adminOn ?? ListenerSettings.DefaultAdmin) with { Port = 0 }, Api: api),
        Issuer = ListenerSettings.DefaultIssuer with { Port = 0, Tls = settings.Issuer?.Tls },
    };

    /// <param name="settings">The settings; every port is a free one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="api">Whether the admin API is on.</param>
    /// <param name="adminOn">Where the admin listener is instead.</param>
    /// <param name="at">Where to serve metadata instead, on a loopback address that is the test's own.</param>
    public static async Task<StartedServer> StartAsync(
        ServerSettings settings, TimeProvider? time = null, bool api = true, IPEndPoint? at = null, LogLevel least = LogLevel.Trace,
        ListenerSettings? adminOn = null)
    {
        var log = new CapturedLog { Least = least };
        settings = OnFreePorts(settings, api, adminOn);
        if (at is not null)
        {
            settings = settings with { Metadata = settings.Metadata with { Tcp = settings.Metadata.Tcp! with { Interface = at.Address, Port = at.Port } } };
        }

        return new StartedServer(
            await RunningServer.StartAsync(settings, time ?? TimeProvider.System, log, TestContext.Current.CancellationToken), log);
    }

    public async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var response = await Metadata.GetAsync(path, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<string> ProjectIdAsync() => (await GetAsync("/computeMetadata/v1/project/project-id")).Body;

    public Task<(HttpStatusCode Status, string Body)> TokenAsync(string account = "default") =>
        GetAsync($"/computeMetadata/v1/instance/service-accounts/{account}/token");

    public async Task<string> AccessTokenAsync(string account = "default")
    {
        var (status, body) = await TokenAsync(account);
        Assert.Equal(HttpStatusCode.OK, status);
        return (string)JsonNode.Parse(body)!["access_token"]!;
    }

    public async Task<JsonNode> StatusAsync() =>
        JsonNode.Parse(await Admin.GetStringAsync("/status", TestContext.Current.CancellationToken))!;

    public async Task<JsonNode> CredentialStatusAsync(string account = "default") =>
        (await StatusAsync())["credentials"]!.AsArray().Single(credential => (string)credential!["account"]! == account)!;

    public Task<string> MetricsAsync() => Admin.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Metadata.Dispose();
        Admin.Dispose();
        Issuer.Dispose();
        await Server.DisposeAsync();
    }
}
