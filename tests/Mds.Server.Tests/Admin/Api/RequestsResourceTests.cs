using System.Net;
using System.Text.Json.Nodes;
using Mds.Server.Protocol;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Telemetry;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin.Api;

public sealed class RequestsResourceTests
{
    private static readonly Answer Page = Answer.MethodNotAllowed("/computeMetadata/v1/instance/name");

    [Fact]
    public async Task Get_AfterRequests_ListsThemNewestFirst()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        server.Metadata.DefaultRequestHeaders.UserAgent.ParseAdd("probe/1.0");
        var token = await server.AccessTokenAsync();
        await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://a.test&secret=hunter2");
        await server.GetAsync("/computeMetadata/v1/nothing");

        var (status, body) = await server.AskAsync("GET", "requests");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            [
                "GET /computeMetadata/v1/nothing 404",
                "GET /computeMetadata/v1/instance/service-accounts/default/identity?audience=https://a.test&secret=*** 200",
                "GET /computeMetadata/v1/instance/service-accounts/default/token 200",
            ],
            body.AsArray().Select(request => $"{request!["method"]} {request["target"]} {request["status"]}"));
        Assert.All(body.AsArray(), request => Assert.Equal("probe/1.0", (string?)request!["userAgent"]));
        Assert.All(body.AsArray(), request => Assert.InRange((double)request!["seconds"]!, 0, 60));
        Assert.DoesNotContain(token, body.ToJsonString());
        Assert.DoesNotContain("hunter2", body.ToJsonString());
    }

    [Fact]
    public async Task Get_AfterRequests_ListsTheirAnswers()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        var name = await server.Metadata.GetStringAsync("/computeMetadata/v1/instance/name", TestContext.Current.CancellationToken);
        var page = await server.GetAsync("/computeMetadata/v1/nothing");
        await server.GetAsync("/computeMetadata/v1/instance?alt=json&access_token=hunter2");

        var answers = (await server.AskAsync("GET", "requests")).Body.AsArray().Select(request => request!["answer"]!).Reverse().ToList();

        Assert.Equal(name, (string?)answers[0]["body"]);
        Assert.Equal(name.Length, (int)answers[0]["bytes"]!);
        Assert.Equal("application/text", (string?)answers[0]["contentType"]);
        Assert.Matches("^[0-9a-f]{16}$", (string?)answers[0]["etag"]);
        Assert.Null(answers[0]["location"]);
        Assert.StartsWith((string)answers[1]["body"]!, page.Body, StringComparison.Ordinal);
        Assert.Equal(512, ((string)answers[1]["body"]!).Length);
        Assert.EndsWith("/computeMetadata/v1/instance/?alt=json&access_token=***", (string?)answers[2]["location"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_AfterSecretAnswers_KeepsNothingOfTheirBodies()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        await server.AskAsync("PATCH", "claims", "{\"instance\": {\"attributes\": {\"kube-env\": \"hunter2\", \"db-password\": \"hunter2\", \"pem\": \"-----BEGIN PRIVATE KEY-----\\nhunter2\"}}}");
        string[] targets =
        [
            "instance/service-accounts/default/token", "instance/service-accounts/default/identity?audience=a",
            "instance/attributes/kube-env", "instance/attributes/kube%2Denv", "instance/attributes//kube-env", "instance//attributes//kube%2Denv", "instance/attributes/db-password", "instance/attributes/pem",
            "instance/attributes/?recursive=true",
        ];
        foreach (var target in targets)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/computeMetadata/v1/" + target)).Status);
        }

        var requests = (await server.AskAsync("GET", "requests")).Body.AsArray();

        Assert.Equal(targets.Length, requests.Count);
        Assert.All(requests, request => Assert.Null(request!["answer"]!["body"]));
        Assert.All(requests, request => Assert.True((int)request!["answer"]!["bytes"]! > 0));
        Assert.DoesNotContain("hunter2", requests.ToJsonString());
    }

    [Fact]
    public async Task Get_MoreThanAreKept_ListsTheLatest()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        for (var i = 0; i < RecentRequests.Capacity + 3; i++)
        {
            await server.GetAsync($"/computeMetadata/v1/{i}");
        }

        var all = (await server.AskAsync("GET", "requests")).Body.AsArray();
        var two = (await server.AskAsync("GET", "requests?limit=2")).Body.AsArray();

        Assert.Equal(RecentRequests.Capacity, all.Count);
        Assert.Equal(
            [$"/computeMetadata/v1/{RecentRequests.Capacity + 2}", $"/computeMetadata/v1/{RecentRequests.Capacity + 1}"],
            two.Select(request => (string)request!["target"]!));
        Assert.Equal("/computeMetadata/v1/3", (string?)all[^1]!["target"]);
    }

    [Fact]
    public async Task Delete_Requests_ForgetsThem()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        await server.ProjectIdAsync();

        await server.AskAsync("DELETE", "requests");
        Assert.Empty((await server.AskAsync("GET", "requests")).Body.AsArray());

        await server.ProjectIdAsync();
        Assert.Equal(2, (int)Assert.Single((await server.AskAsync("GET", "requests")).Body.AsArray())!["number"]!);
    }

    [Fact]
    public void Answered_AnyRequest_CostsNoMemory()
    {
        var recent = new RecentRequests(TimeProvider.System);
        for (var i = 0; i < RecentRequests.Capacity; i++)
        {
            Answered();
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            Answered();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(
            [("/computeMetadata/v1/instance/name?alt=json", "probe/1.0")],
            recent.Latest(int.MaxValue).Select(request => (request.RawTarget, request.UserAgent)).Distinct());

        void Answered() => recent.Answered(Request("/computeMetadata/v1/instance/name?alt=json", "probe/1.0"));
    }

    [Fact]
    public void Answered_LongerThanThereIsRoomFor_IsCutAndHidesTheSame()
    {
        var recent = new RecentRequests(TimeProvider.System);

        recent.Answered(Request($"/a?audience={new string('b', 2000)}&access_token=hunter2", new string('c', 2000)));
        recent.Answered(Request($"/{new string('d', 490)}?access_token={new string('e', 2000)}", ""));

        var (second, first) = (recent.Latest(2)[0], recent.Latest(2)[1]);
        Assert.Equal(1024, first.RawTarget.Length);
        Assert.Matches("^/a\\?audience=b+$", ShownTarget.Of(first.RawTarget));
        Assert.EndsWith("?access_token=***", ShownTarget.Of(second.RawTarget));
    }

    private static AnsweredRequest Request(string target, string userAgent) => new()
    {
        Request = new MetadataRequest
        {
            Method = "GET",
            Target = RequestTarget.Parse(target),
            Host = "localhost",
            NamesFlavor = true,
            IsForwarded = false,
            UserAgent = userAgent,
            Scheme = "http",
        },
        Outcome = new RequestOutcome("/"),
        Answer = Page,
        Elapsed = TimeSpan.FromMilliseconds(1),
        Context = null,
    };

    [Theory]
    [InlineData("/a", "/a")]
    [InlineData("/a?", "/a")]
    [InlineData("/a?recursive=true&alt=json", "/a?recursive=true&alt=json")]
    [InlineData("/a?access_token=ya29.x&audience=b", "/a?access_token=***&audience=b")]
    [InlineData("/a?ya29.bare", "/a?***")]
    [InlineData("http://user:pass@host/a?x=y", "/a?x=***")]
    public void ShownTarget_OfATarget_HidesWhatMayBeSecret(string target, string shown) => Assert.Equal(shown, ShownTarget.Of(target));
}
