using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

public sealed class EventsResourceTests
{
    private const string Instance = "/computeMetadata/v1/instance/";

    private readonly ManualTime _time = new();

    [Fact]
    public async Task Maintenance_OnItsTimeLine_ChangesWhatARealMachineSees()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);

        var (status, raised) = await server.AskAsync("POST", "events", """{"kind": "maintenance", "in": "5m", "for": 60}""");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(("maintenance", "before", "MIGRATE"), ((string?)raised["kind"], (string?)raised["phase"], (string?)raised["action"]));
        Assert.Equal(("NONE", "PENDING", "0"), await SeenAsync(server));
        Assert.Equal(
            """{"can_reschedule":"false","latest_window_start_time":"2030-01-01T00:05:00Z","maintenance_reasons":["PLANNED_UPDATE"],"maintenance_status":"PENDING","type":"SCHEDULED","window_end_time":"2030-01-01T00:06:00Z","window_start_time":"2030-01-01T00:05:00Z"}""",
            Sorted(await LeafAsync(server, "upcoming-maintenance?alt=json")));
        _time.Advance(TimeSpan.FromSeconds(239));
        Assert.Equal(("NONE", "PENDING", "0"), await SeenAsync(server));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(("MIGRATE_ON_HOST_MAINTENANCE", "PENDING", "0"), await SeenAsync(server));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(("MIGRATE_ON_HOST_MAINTENANCE", "ONGOING", "0"), await SeenAsync(server));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(("NONE", null, "1893456360000"), await SeenAsync(server));
        Assert.Equal("after", (string?)(await server.AskAsync("GET", "events/1")).Body["phase"]);
    }

    [Fact]
    public async Task Maintenance_OfAMachineThatEnds_SaysTerminateAndMovesNoClock()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);
        await server.AskAsync("PATCH", "claims", """{"instance": {"scheduling": {"onHostMaintenance": "TERMINATE"}}}""");

        await server.AskAsync("POST", "events", """{"kind": "maintenance", "for": "30s"}""");

        Assert.Equal(("TERMINATE_ON_HOST_MAINTENANCE", "ONGOING", "0"), await SeenAsync(server));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(("NONE", null, "0"), await SeenAsync(server));
    }

    [Fact]
    public async Task Preemption_OnItsTimeLine_IsTrueWhileItHappens()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);

        await server.AskAsync("POST", "events", """{"kind": "preemption", "in": "1.5s"}""");

        Assert.Equal("FALSE", await LeafAsync(server, "preempted"));
        _time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.Equal("TRUE", await LeafAsync(server, "preempted"));
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("FALSE", await LeafAsync(server, "preempted"));
    }

    [Fact]
    public async Task Shutdown_OnItsTimeLine_TellsTheGuestAgentToRunItsScripts()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);

        await server.AskAsync("POST", "events", """{"kind": "shutdown", "in": 10, "for": "2m", "target": "deleted"}""");

        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(Instance + "shutdown-details/stop-state")).Status);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(
            """{"maxDuration":120,"requestTimestamp":"2030-01-01T00:00:10Z","stopState":"PENDING_STOP","targetState":"DELETED"}""",
            await LeafAsync(server, "shutdown-details/?recursive=true"));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(Instance + "shutdown-details/stop-state")).Status);
    }

    [Fact]
    public async Task Event_WhileSomebodyWaits_WakesThemWhenItBeginsAndWhenItEnds()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);
        await server.AskAsync("POST", "events", """{"kind": "preemption", "in": 30, "for": 60}""");

        foreach (var (step, expected) in new[] { (30, "TRUE"), (60, "FALSE") })
        {
            var waiting = server.GetAsync(Instance + "preempted?wait_for_change=true");
            await Eventually.TrueAsync(() => server.Server.State.Metadata.WaiterCount == 1, "the request waits");
            _time.Advance(TimeSpan.FromSeconds(step));
            Assert.Equal((HttpStatusCode.OK, expected), await waiting.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task Delete_OneOfTwo_TakesItBackAndLeavesTheOther()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);
        await server.AskAsync("POST", "events", """{"kind": "preemption"}""");
        await server.AskAsync("POST", "events", """{"kind": "maintenance"}""");

        var (status, body) = await server.AskAsync("DELETE", "events/1");

        Assert.Equal((HttpStatusCode.OK, 1), (status, (int)body["cancelled"]!));
        Assert.Equal("FALSE", await LeafAsync(server, "preempted"));
        Assert.Equal("MIGRATE_ON_HOST_MAINTENANCE", await LeafAsync(server, "maintenance-event"));
        Assert.Equal(2, (int)Assert.Single((await server.AskAsync("GET", "events")).Body.AsArray())!["id"]!);

        Assert.Equal(1, (int)(await server.AskAsync("DELETE", "events")).Body["cancelled"]!);
        Assert.Equal("NONE", await LeafAsync(server, "maintenance-event"));
    }

    [Fact]
    public async Task Event_OverWhatTheClaimsAndEditsSay_Wins()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), _time);
        await server.AskAsync("POST", "events", """{"kind": "preemption"}""");

        await server.AskAsync("PATCH", "claims", """{"instance": {"preempted": "FALSE"}}""");

        Assert.Equal("TRUE", await LeafAsync(server, "preempted"));
    }

    [Theory]
    [InlineData("""{}""", "$.kind", "Say what happens: maintenance, preemption or shutdown.")]
    [InlineData("""{"kind": "fire"}""", "$.kind", "Found \"fire\", expected one of maintenance, preemption, shutdown.")]
    [InlineData("""{"kind": "preemption", "in": "soon"}""", "$.in", "Found \"soon\", expected a number of seconds or a text such as \"500ms\", \"30s\", \"2m\", \"1h\", at most 30 days.")]
    [InlineData("""{"kind": "preemption", "for": -1}""", "$.for", "Found -1, expected a number of seconds or a text such as \"500ms\", \"30s\", \"2m\", \"1h\", at most 30 days.")]
    [InlineData("""{"kind": "preemption", "for": 0}""", "$.for", "What lasts no time does not happen. Give a length such as \"1s\".")]
    [InlineData("""{"kind": "preemption", "action": "MIGRATE"}""", "$.action", "This key is for maintenance only.")]
    [InlineData("""{"kind": "preemption", "inn": 3}""", "$.inn", "This key is not known. Did you mean \"in\"?")]
    [InlineData("""{"kind": "preemption", "kind": "shutdown"}""", "$", "A key stands twice in the body. Keep one of the two.")]
    [InlineData("""[]""", "$", "The body must be a JSON object.")]
    [InlineData("""{"kind": }""", "$", "The body is not JSON at line 1, byte 10.")]
    public async Task Post_Wrong_SaysWhereAndWhat(string body, string path, string message)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, answer) = await server.AskAsync("POST", "events", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains((path, message), answer.Errors());
        Assert.Empty((await server.AskAsync("GET", "events")).Body.AsArray());
    }

    private static async Task<string> LeafAsync(StartedServer server, string key)
    {
        var (status, body) = await server.GetAsync(Instance + key);
        Assert.Equal(HttpStatusCode.OK, status);
        return body;
    }

    // The keys of what is served as it came stand in no order that counts.
    private static string Sorted(string json) => new JsonObject(
        JsonNode.Parse(json)!.AsObject().OrderBy(member => member.Key, StringComparer.Ordinal)
            .Select(member => KeyValuePair.Create(member.Key, member.Value?.DeepClone()))).ToJsonString();

    private static async Task<(string Event, string? Status, string DriftToken)> SeenAsync(StartedServer server) => (
        await LeafAsync(server, "maintenance-event"),
        (string?)JsonNode.Parse(await LeafAsync(server, "upcoming-maintenance?alt=json"))!["maintenance_status"],
        await LeafAsync(server, "virtual-clock/drift-token"));
}
