using System.Net;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Reload;

/// <summary>Clients that wait for a change, seen from the whole server: its files, its metrics and its end.</summary>
public sealed class WaitingClientTests : IDisposable
{
    private const string Waiting = "/computeMetadata/v1/project/project-id?wait_for_change=true";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Wait_ClaimsFileChanges_IsAnsweredAndCountedButNotTimed()
    {
        await using var server = await StartAsync();
        var waiting = server.GetAsync(Waiting);
        await Eventually.TrueAsync(async () => (await server.MetricsAsync()).Contains("mds_waiters 1\n", StringComparison.Ordinal), "it waits");

        _folder.Write("claims.json", """{"project": {"projectId": "two"}}""");

        Assert.Equal((HttpStatusCode.OK, "two"), await waiting);
        await Eventually.TrueAsync(
            async () => (await server.MetricsAsync()).Contains(
                "metadata_endpoint_path_requests{code=\"200\",path=\"/computeMetadata/v1/project/project-id\"} 1\n", StringComparison.Ordinal),
            "it is counted");
        var metrics = await server.MetricsAsync();
        Assert.Contains("mds_waiters 0\n", metrics);
        Assert.DoesNotContain("metadata_endpoint_latency_seconds_count", metrics);
    }

    [Fact]
    public async Task Stop_WhileSomebodyWaits_AnswersThemUnavailableAndEnds()
    {
        await using var server = await StartAsync();
        var waiting = server.GetAsync(Waiting);
        await Eventually.TrueAsync(() => server.Server.State.Metadata.WaiterCount == 1, "it waits");

        await server.Server.StopAsync();

        var (status, body) = await waiting;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("The server is stopping", body);
    }

    private Task<StartedServer> StartAsync() => StartedServer.StartAsync(
        new ServerSettings { ConfigFile = _folder.Write("claims.json", """{"project": {"projectId": "one"}}""") });
}
