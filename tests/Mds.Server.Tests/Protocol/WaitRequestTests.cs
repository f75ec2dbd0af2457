using System.Net;
using System.Net.Sockets;
using System.Text;
using Mds.Server.Tests.Hosting;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary><c>wait_for_change</c>, as clients hang on it.</summary>
public sealed class WaitRequestTests : IAsyncLifetime
{
    private readonly ManualTime _time = new();
    private MetadataListener _listener = null!;

    public async ValueTask InitializeAsync() => _listener = await StartAsync(Claims("n1", "red"), time: _time);

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    [Theory]
    [InlineData("instance/name?wait_for_change=true", "n2")]
    [InlineData("instance/name?wait_for_change=true&timeout_sec=60", "n2")]
    [InlineData("instance/name?wait_for_change=TRUE&alt=json", "\"n2\"")]
    [InlineData("instance/%6eame?wait_for_change=true", "n2")]
    [InlineData("/instance/name?wait_for_change=true&timeout_sec=soon", "n2")]
    public async Task Get_WaitingLeaf_AnswersItsNewValueAndETag(string path, string body)
    {
        var before = await _listener.GetAsync(V1 + "instance/name");
        var waiting = await WaitingAsync(path);

        _listener.Store.Replace(Tree(Claims("n2", "red")));

        var after = await waiting;
        Assert.Equal((200, body), (after.Status, after.Body));
        Assert.NotEqual(before.Single("ETag"), after.Single("ETag"));
        Assert.Equal((await _listener.GetAsync(V1 + "instance/name")).Single("ETag"), after.Single("ETag"));
    }

    // What google-guest-agent sends, in its releases of 2021 and 2026, and what osconfig sends.
    [Theory]
    [InlineData("?alt=json&last_etag={0}&recursive=true&timeout_sec=60&wait_for_change=true")]
    [InlineData("/?recursive=true&alt=json&wait_for_change=true&timeout_sec=60&last_etag={0}")]
    [InlineData("?recursive=true&alt=json&wait_for_change=true&last_etag={0}&timeout_sec=60")]
    public async Task Get_WholeTreeAsTheGuestAgentAsks_AnswersAtOnceThenOnEachChange(string query)
    {
        var first = await _listener.GetAsync(V1 + string.Format(query, "NONE"));
        var waiting = await WaitingAsync(string.Format(query, first.Single("ETag")));

        _listener.Store.Replace(Tree(Claims("n2", "red")));

        var second = await waiting;
        Assert.Equal("application/json", second.Single("Content-Type"));
        Assert.Contains("\"name\":\"n1\"", first.Body, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"n2\"", second.Body, StringComparison.Ordinal);
        Assert.NotEqual(first.Single("ETag"), second.Single("ETag"));
    }

    [Theory]
    [InlineData("&last_etag=0")]
    [InlineData("&last_etag=NONE")]
    [InlineData("&last_etag=")]
    [InlineData("&last_etag")]
    [InlineData("&last_etag=0123456789abcdef")]
    [InlineData("&timeout_sec=0")]
    [InlineData("&timeout_sec=-1")]
    public async Task Get_ETagThatIsNotThePresentOrNoTime_AnswersAtOnce(string parameters)
    {
        var response = await _listener.GetAsync(V1 + "instance/name?wait_for_change=true" + parameters);

        Assert.Equal((200, "n1"), (response.Status, response.Body));
        Assert.Matches("^[0-9a-f]{16}$", response.Single("ETag"));
    }

    [Theory]
    [InlineData("instance/name?last_etag={0}&timeout_sec=60")]
    [InlineData("instance/name?wait_for_change=false&last_etag={0}")]
    [InlineData("instance/name?wait_for_change=xyz&last_etag={0}")]
    public async Task Get_ETagWithoutWaiting_IsIgnored(string path)
    {
        var etag = (await _listener.GetAsync(V1 + "instance/name")).Single("ETag");

        Assert.Equal("n1", (await _listener.GetAsync(V1 + string.Format(path, etag))).Body);
    }

    [Fact]
    public async Task Get_TimeIsUp_AnswersTheSameAgain()
    {
        var before = await _listener.GetAsync(V1 + "instance/?recursive=true");
        var waiting = await WaitingAsync("instance/?recursive=true&wait_for_change=true&timeout_sec=30&last_etag=" + before.Single("ETag"));

        _time.Advance(TimeSpan.FromSeconds(29));
        Assert.Equal(1, _listener.Store.WaiterCount);
        _time.Advance(TimeSpan.FromSeconds(1));

        var after = await waiting;
        Assert.Equal((200, before.Body, before.Single("ETag")), (after.Status, after.Body, after.Single("ETag")));
    }

    [Fact]
    public async Task Get_OtherKeyChanges_IsNotAnswered()
    {
        var name = await WaitingAsync("instance/name?wait_for_change=true");
        var attributes = await WaitingAsync("instance/attributes/?wait_for_change=true&recursive=true");

        _listener.Store.Replace(Tree(Claims("n1", "blue")));

        Assert.Equal("""{"colour":"blue"}""", (await attributes).Body);
        Assert.Equal(1, _listener.Store.WaiterCount);
        Assert.False(name.IsCompleted);
        _listener.Store.Replace(Tree(Claims("n2", "blue")));
        Assert.Equal("n2", (await name).Body);
    }

    [Fact]
    public async Task Get_KeyDeletedMeanwhile_Is404ForTheLeafAndNewJsonForTheDirectory()
    {
        var leaf = await WaitingAsync("instance/attributes/colour?wait_for_change=true");
        var directory = await WaitingAsync("instance/attributes/?wait_for_change=true&recursive=true");

        _listener.Store.Replace(Tree(Claims("n1", null)));

        Assert.Equal(404, (await leaf).Status);
        Assert.Equal((200, "{}"), ((await directory).Status, (await directory).Body));
    }

    [Fact]
    public async Task Get_KeyThatIsNotThere_Is404AtOnce() =>
        Assert.Equal(404, (await _listener.GetAsync(V1 + "instance/nokey?wait_for_change=true")).Status);

    [Theory]
    [InlineData(V1 + "instance/?wait_for_change=true")]
    [InlineData(V1 + "instance/?wait_for_change=true&recursive=false&last_etag=0")]
    [InlineData(V1 + "instance/name?wait_for_change=true&alt=xml")]
    [InlineData(V1 + "instance/service-accounts/default/token?wait_for_change=true")]
    [InlineData(V1 + "instance/service-accounts/default/identity?wait_for_change=true&audience=a")]
    [InlineData("/?wait_for_change=true&recursive=true")]
    public async Task Get_WhatCannotBeWaitedFor_Is400AtOnce(string target) =>
        Assert.Equal("HTTP/1.1 400 Bad Request", (await _listener.GetAsync(target)).StatusLine);

    [Fact]
    public async Task Get_DirectoryWithoutSlash_RedirectsBeforeItWaits()
    {
        var response = await _listener.GetAsync(V1 + "instance?recursive=true&wait_for_change=true");

        Assert.Equal(301, response.Status);
        Assert.EndsWith("/instance/?recursive=true&wait_for_change=true", response.Single("Location"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_ClientHangsUp_IsForgotten()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, _listener.Port, TestContext.Current.CancellationToken);
            await client.GetStream().WriteAsync(
                Encoding.ASCII.GetBytes($"GET {V1}instance/name?wait_for_change=true HTTP/1.1\r\nHost: x\r\nMetadata-Flavor: Google\r\n\r\n"),
                TestContext.Current.CancellationToken);
            await Eventually.TrueAsync(() => _listener.Store.WaiterCount == 1, "it waits");
        }

        await Eventually.TrueAsync(() => _listener.Store.WaiterCount == 0, "the wait ended");
        Assert.Equal(new(V1 + "instance/name", Waited: true), await _listener.OutcomeAsync());
    }

    [Fact]
    public async Task Get_ServerStops_Is503WithoutDelay()
    {
        var waiting = await WaitingAsync("instance/name?wait_for_change=true");

        _listener.Store.Stop();

        var response = await waiting;
        Assert.Equal("HTTP/1.1 503 Service Unavailable", response.StatusLine);
        Assert.Equal("Google", response.Single("Metadata-Flavor"));
        Assert.Equal(503, (await _listener.GetAsync(V1 + "instance/name?wait_for_change=true")).Status);
    }

    [Fact]
    public async Task Get_ManyWait_AllHearOfTheChange()
    {
        const int Count = 200;
        var waiting = Enumerable.Range(0, Count).Select(i => _listener.GetAsync(V1 + $"instance/name?wait_for_change=true&timeout_sec={60 + i}")).ToList();
        await Eventually.TrueAsync(() => _listener.Store.WaiterCount == Count, "all wait");

        _listener.Store.Replace(Tree(Claims("n2", "red")));

        Assert.All(await Task.WhenAll(waiting), response => Assert.Equal("n2", response.Body));
        Assert.Equal(0, _listener.Store.WaiterCount);
    }

    /// <summary>Sends a request and returns once it is held.</summary>
    /// <returns>Its response, when there will be one.</returns>
    private async Task<Task<RawResponse>> WaitingAsync(string path)
    {
        var before = _listener.Store.WaiterCount;
        var response = _listener.GetAsync(V1 + path);
        await Eventually.TrueAsync(() => response.IsCompleted || _listener.Store.WaiterCount > before, "it waits");
        Assert.False(response.IsCompleted, "The request was answered at once.");
        return response;
    }

    private static string Claims(string name, string? colour)
    {
        var attributes = colour is null ? "{}" : $$"""{"colour": "{{colour}}"}""";
        return $$"""
            {"instance": {"name": "{{name}}", "attributes": {{attributes}},
             "serviceAccounts": {"default": {"email": "app@example-project.iam.gserviceaccount.com"} } } }
            """;
    }
}
