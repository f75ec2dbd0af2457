using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

public sealed class FaultsResourceTests
{
    private const string Name = "/computeMetadata/v1/instance/name";
    private const string Zone = "/computeMetadata/v1/instance/zone";

    [Fact]
    public async Task Fault_ForSomeTimes_BefallsThoseAndNoMore()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (created, fault) = await server.AskAsync("POST", "faults", """{"path": "*/name", "status": 503, "times": 2}""");

        Assert.Equal((HttpStatusCode.Created, 1), (created, (int)fault["id"]!));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Name)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(Zone)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Name)).Status);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(Name)).Status);
        Assert.Equal(2, (int)(await server.AskAsync("GET", "faults/1")).Body["count"]!);
    }

    // Who is told that it failed tries again, and must find what was there.
    [Fact]
    public async Task Fault_OnADeletion_DeletesNothing()
    {
        const string Attribute = "/computeMetadata/v1/instance/guest-attributes/ns/key";
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        await server.AskAsync("PATCH", "claims", """{"instance": {"attributes": {"enable-guest-attributes": "TRUE"}, "guestAttributes": {"ns": {"key": "1"}}}}""");
        await server.AskAsync("POST", "faults", """{"path": "*/guest-attributes/*", "status": 503, "times": 1}""");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await DeleteAsync());
        Assert.Equal((HttpStatusCode.OK, "1"), await server.GetAsync(Attribute));
        await server.AskAsync("POST", "faults", """{"path": "*/guest-attributes/*", "delay": "1ms", "times": 1}""");
        Assert.Equal(HttpStatusCode.OK, await DeleteAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(Attribute)).Status);

        async Task<HttpStatusCode> DeleteAsync()
        {
            using var answer = await server.Metadata.DeleteAsync(Attribute, TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Fault_WithAStatus_IsAnErrorAsTheServerMakesThem(int status)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        await server.AskAsync("POST", "faults", $$"""{"status": {{status}}}""");

        using var answer = await server.Metadata.GetAsync(Name, TestContext.Current.CancellationToken);

        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("Google", Assert.Single(answer.Headers.GetValues("Metadata-Flavor")));
        Assert.Equal("text/html; charset=UTF-8", answer.Content.Headers.ContentType!.ToString());
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains($"<title>Error {status} (", body);
        Assert.Contains($"<code>{Name}</code>", body);
    }

    [Fact]
    public async Task Fault_WithASeed_BefallsTheSameRequestsEachTime()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        var runs = new List<string>();
        foreach (var seed in new[] { 7, 7, 8 })
        {
            await server.AskAsync("POST", "faults", $$"""{"status": 500, "probability": 0.5, "seed": {{seed}}}""");
            var run = "";
            for (var i = 0; i < 40; i++)
            {
                run += (await server.GetAsync(Name)).Status == HttpStatusCode.OK ? '.' : 'x';
            }

            runs.Add(run);
            await server.AskAsync("DELETE", "faults");
        }

        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], runs[2]);
        Assert.InRange(runs[0].Count(outcome => outcome == 'x'), 5, 35);
    }

    [Fact]
    public async Task Fault_WithADelayOnly_AnswersLateAndAsItIsThen()
    {
        var time = new ManualTime();
        await using var server = await StartedServer.StartAsync(new ServerSettings(), time);
        await server.AskAsync("POST", "faults", """{"path": "/computeMetadata/v1/project/*", "delay": "7m"}""");

        var asked = server.ProjectIdAsync();
        await Eventually.TrueAsync(async () =>
            (int)(await server.AskAsync("GET", "faults/1")).Body["count"]! == 1, "the fault befalls the request");
        Assert.False(asked.IsCompleted);
        await server.AskAsync("PATCH", "claims", """{"project": {"projectId": "late"}}""");

        // The timer of the delay is set soon after the count; until it is, moving the clock wakes nobody.
        await Eventually.TrueAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMinutes(7));
                return asked.IsCompleted;
            },
            "the delay is over");
        Assert.Equal("late", await asked);
    }

    [Fact]
    public async Task Delete_Fault_EndsIt()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        await server.AskAsync("POST", "faults", """{"status": 500}""");
        await server.AskAsync("POST", "faults", """{"status": 501}""");

        Assert.Equal(HttpStatusCode.InternalServerError, (await server.GetAsync(Name)).Status);
        await server.AskAsync("DELETE", "faults/1");
        Assert.Equal(HttpStatusCode.NotImplemented, (await server.GetAsync(Name)).Status);
        Assert.Equal(1, (int)(await server.AskAsync("DELETE", "faults")).Body["deleted"]!);
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(Name)).Status);
    }

    [Fact]
    public async Task Fault_InMetricsAndLists_IsCalledOne()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        await server.AskAsync("POST", "faults", """{"status": 503}""");

        await server.GetAsync(Name);

        Assert.Equal("fault", (string?)(await server.AskAsync("GET", "requests")).Body[0]!["refusal"]);
        var metrics = await server.MetricsAsync();
        Assert.Contains("mds_refusals_total{reason=\"fault\"} 1\n", metrics);
        Assert.Contains($"metadata_endpoint_path_requests{{code=\"503\",path=\"{Name}\"}} 1\n", metrics);
    }

    [Theory]
    [InlineData("""{}""", "$.status", "Say what goes wrong: give a status (400 to 599), a delay, or both.")]
    [InlineData("""{"status": 200}""", "$.status", "Found 200, expected a whole number from 400 to 599.")]
    [InlineData("""{"status": 503, "probability": 2}""", "$.probability", "Found 2, expected a number from 0 to 1.")]
    [InlineData("""{"status": 503, "times": 0}""", "$.times", "Found 0, expected a whole number from 1 to 2147483647.")]
    [InlineData("""{"status": 503, "path": "token"}""", "$.path", "A path begins with / or *, as in */token.")]
    [InlineData("""{"status": 503, "path": "*/token?scopes=*"}""", "$.path", "A path has no ? (queries are not looked at) and no \\; the one special character is *.")]
    [InlineData("""{"status": 503, "path": "/a\\\\*"}""", "$.path", "A path has no ? (queries are not looked at) and no \\; the one special character is *.")]
    [InlineData("""{"status": 503, "propability": 1}""", "$.propability", "This key is not known. Did you mean \"probability\"?")]
    public async Task Post_Wrong_SaysWhereAndWhat(string body, string path, string message)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        var (status, answer) = await server.AskAsync("POST", "faults", body);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains((path, message), answer.Errors());
        Assert.Empty((await server.AskAsync("GET", "faults")).Body.AsArray());
    }
}
