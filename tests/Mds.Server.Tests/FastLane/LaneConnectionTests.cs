using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.RegularExpressions;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.FastLane;
using Mds.Server.Protocol;
using Mds.Server.Tests.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mds.Server.Tests.FastLane;

/// <summary>A connection on the fast lane, without a socket: what is answered there, and what is left for Kestrel.</summary>
public sealed class LaneConnectionTests : IAsyncDisposable, IConnectionHeartbeatFeature, IConnectionLifetimeNotificationFeature, IRequestObserver
{
    private const string Plain =
        "GET /computeMetadata/v1/project/project-id HTTP/1.1\r\nHost: metadata\r\nMetadata-Flavor: Google\r\n\r\n";

    private static readonly TimeSpan LongestQuiet = TimeSpan.FromSeconds(130);

    private readonly ManualTime _time = new();
    private readonly Pipe _toServer = new();
    // As a socket's: who takes answers carries on what waited for that.
    private readonly Pipe _toClient = new(new PipeOptions(readerScheduler: PipeScheduler.Inline, writerScheduler: PipeScheduler.Inline));
    private readonly DefaultConnectionContext _connection = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly MetadataStore _store;
    private readonly MetadataEndpoint _endpoint;
    private readonly LaneConnection _lane;
    private readonly List<(string Path, string UserAgent, bool HasContext)> _seen = [];
    private Action _beat = () => { };

    public LaneConnectionTests()
    {
        _store = new MetadataStore(MetadataListener.Tree(SampleServer.Claims), _time);
        _endpoint = new MetadataEndpoint(
            _store, new GuestAttributes(_store), CredentialSet.Empty, AllowedHosts.Any, Flavor.ComputeEngine, _time);
        var handler = new MetadataHandler(_endpoint, Flavor.ComputeEngine, this);
        _connection.Transport = new Transport(_toServer.Reader, _toClient.Writer);
        _connection.Features.Set<IConnectionHeartbeatFeature>(this);
        _connection.Features.Set<IConnectionLifetimeNotificationFeature>(this);
        _lane = new LaneConnection(
            _connection, handler, new ResponseHead(StandardHeaders.ComputeEngine, _time), _time, LongestQuiet);
    }

    public bool AllowsFastLane { get; private set; } = true;

    CancellationToken IConnectionLifetimeNotificationFeature.ConnectionClosedRequested
    {
        get => _stop.Token;
        set => throw new NotSupportedException();
    }

    [Fact]
    public async Task Run_RequestsThatCameTogether_AreAnsweredInTheirOrder()
    {
        await SendAsync(Plain + Plain.Replace("project-id", "nokey", StringComparison.Ordinal) + Plain.Replace("GET", "HEAD", StringComparison.Ordinal));
        await _toServer.Writer.CompleteAsync();

        Assert.False(await RunAsync());

        var answers = await ReceivedAsync();
        Assert.Equal(
            ["HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 200 OK"],
            Regex.Matches(answers, "HTTP/1.1 [^\r]*").Select(match => match.Value));
        Assert.EndsWith("SAMEORIGIN\r\n\r\n", answers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RequestAcrossTwoBlocksOfMemory_IsAnswered()
    {
        // A pipe's blocks have 4096 bytes: some of these lie across the border.
        await SendAsync(string.Concat(Enumerable.Repeat(Plain, 100)));
        await _toServer.Writer.CompleteAsync();

        Assert.False(await RunAsync());

        Assert.Equal(100, (await ReceivedAsync()).Split("HTTP/1.1 200 OK\r\n").Length - 1);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n\r\n")]
    [InlineData("GET / HTTP/1.0\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\nHost: a\n\n")]
    [InlineData("GET /?wait_for_change=true HTTP/1.1\r\nHost: a\r\n")]
    [InlineData("GET /computeMetadata/v1/instance/name?wait_for_change=true HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    public async Task Run_RequestThatIsNotPlain_IsLeftForKestrelAfterTheOthersAreAnswered(string request)
    {
        await SendAsync(Plain + request);

        Assert.True(await RunAsync());

        Assert.Single(_seen);
        var left = await _connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.Equal(request, Encoding.Latin1.GetString(left.Buffer));
        Assert.EndsWith("example-project", await ReceivedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WhileAnObserverForbidsIt_LeavesEverythingForKestrel()
    {
        AllowsFastLane = false;
        await SendAsync(Plain);

        Assert.True(await RunAsync());

        Assert.Empty(_seen);
    }

    [Fact]
    public async Task Run_TextThatHasToBeMadeFirst_IsLeftForKestrelOnce()
    {
        var request = Plain.Replace("project/project-id", "instance/?recursive=true&alt=text", StringComparison.Ordinal);
        await SendAsync(request);
        Assert.True(await RunAsync());
        Assert.Empty(_seen);

        await using var other = new LaneConnectionTests();
        other._store.Current.Find("/computeMetadata/v1/instance/")!.Render(recursive: true, MetadataAlt.Text);
        await other.SendAsync(request);
        await other._toServer.Writer.CompleteAsync();
        Assert.False(await other.RunAsync());
        Assert.Single(other._seen);
    }

    [Theory]
    [InlineData("oslogin/users?pagesize=10000")]
    [InlineData("instance/attributes/long")]
    public async Task Run_AnswerThatTakesTimeToMakeOrToTake_IsLeftForKestrel(string path)
    {
        _store.Replace(MetadataListener.Tree($$$"""
            {
              "instance": {"attributes": {"enable-oslogin": "TRUE", "long": "{{{new string('x', 100_000)}}}"}},
              "project": {"projectId": "p"},
              "oslogin": {"users": []}
            }
            """));
        await SendAsync(Plain.Replace("project/project-id", path, StringComparison.Ordinal));

        Assert.True(await RunAsync());

        Assert.Empty(_seen);
    }

    [Theory]
    [InlineData("project/project-id")]
    [InlineData("instance/")]
    [InlineData("instance/?recursive=true")]
    public void TryAnswer_WhatIsThere_TakesNoMemory(string path)
    {
        var handler = new MetadataHandler(_endpoint, Flavor.ComputeEngine);
        var request = new ReadOnlySequence<byte>(
            Encoding.ASCII.GetBytes(Plain.Replace("project/project-id", path, StringComparison.Ordinal)));
        var characters = new char[RequestHead.MostCharacters];
        const int Times = 1_000;
        Answer();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Answer();

        // Less than a byte each: what the runtime needs for itself now and then is not counted.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Times - 1);

        void Answer()
        {
            for (var i = 0; i < Times; i++)
            {
                Assert.True(RequestHead.TryRead(request, characters, "http", out var head, out _) && handler.TryAnswer(head, out _));
            }
        }
    }

    [Fact]
    public async Task Run_Request_IsSeenByTheObserversWithoutAContext()
    {
        await SendAsync(Plain.Replace("Host", "User-Agent: test/1\r\nHost", StringComparison.Ordinal));
        await _toServer.Writer.CompleteAsync();

        await RunAsync();

        Assert.Equal(("/computeMetadata/v1/project/project-id", "test/1", false), Assert.Single(_seen));
    }

    [Fact]
    public async Task Run_RefusedRequest_EndsTheConnection()
    {
        await SendAsync(Plain.Replace("Google", "x", StringComparison.Ordinal) + Plain);

        Assert.False(await RunAsync());

        Assert.Single(_seen);
        Assert.Contains("\r\nConnection: close\r\n", await ReceivedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_RequestThatIsTheLast_EndsTheConnection()
    {
        await SendAsync(Plain.Replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n", StringComparison.Ordinal) + Plain);

        Assert.False(await RunAsync());

        Assert.Single(_seen);
        Assert.Contains("\r\nConnection: close\r\n", await ReceivedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ServerStops_EndsAQuietConnectionAndTellsTheNextClientSo()
    {
        var quiet = RunAsync();
        await _stop.CancelAsync();
        Assert.False(await quiet);

        await using var other = new LaneConnectionTests();
        await other._stop.CancelAsync();
        await other.SendAsync(Plain + Plain);
        Assert.False(await other.RunAsync());
        Assert.Single(other._seen);
        Assert.Contains("\r\nConnection: close\r\n", await other.ReceivedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NoRequestForLong_Ends()
    {
        var run = RunAsync();

        _time.Advance(LongestQuiet - TimeSpan.FromSeconds(1));
        _beat();
        Assert.False(run.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(1));
        _beat();
        Assert.False(await run);
    }

    [Fact]
    public async Task Run_AnswersNotTakenForLong_AbortsTheConnection()
    {
        var aborted = new TaskCompletionSource();
        await using var registration = _connection.ConnectionClosed.Register(aborted.SetResult);
        // A pipe that is not read takes 64 KiB.
        await SendAsync(string.Concat(Enumerable.Repeat(Plain, 400)));
        var run = RunAsync();

        _time.Advance(LongestQuiet);
        _beat();

        await aborted.Task.WaitAsync(TestContext.Current.CancellationToken);
        await _toClient.Reader.CompleteAsync();
        Assert.False(await run);
    }

    [Fact]
    public async Task Run_AnswersTakenLate_IsQuietFromThenOnOnly()
    {
        // A pipe that is not read takes 64 KiB.
        await SendAsync(string.Concat(Enumerable.Repeat(Plain, 400)));
        var run = RunAsync();
        _time.Advance(LongestQuiet - TimeSpan.FromSeconds(1));
        await TakeAsync(400);

        _time.Advance(TimeSpan.FromSeconds(2));
        _beat();

        await SendAsync(Plain);
        await TakeAsync(1);
        await SendAsync(Plain);
        await TakeAsync(1);
        Assert.False(run.IsCompleted);
        await _toServer.Writer.CompleteAsync();
        Assert.False(await run);
    }

    [Fact]
    public async Task Run_HandedOver_IsNotEndedByQuietAnyMore()
    {
        await SendAsync("GET / HTTP/1.0\r\n\r\n");
        Assert.True(await RunAsync());

        _time.Advance(LongestQuiet);
        _beat();

        var left = await _connection.Transport.Input.ReadAsync(TestContext.Current.CancellationToken);
        Assert.False(left.IsCanceled);
    }

    void IConnectionHeartbeatFeature.OnHeartbeat(Action<object> action, object state) => _beat = () => action(state);

    void IConnectionLifetimeNotificationFeature.RequestClose() => _stop.Cancel();

    void IRequestObserver.Answered(in AnsweredRequest request) => _seen.Add(
        (request.Request.Target.Path.ToString(), request.Request.UserAgent.ToString(), request.Context is not null));

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        _store.Dispose();
        _stop.Dispose();
    }

    private Task<bool> RunAsync() => _lane.RunAsync();

    private async Task SendAsync(string text) =>
        await _toServer.Writer.WriteAsync(Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);

    /// <summary>Takes so many answers, each of which ends in the same way.</summary>
    private async Task TakeAsync(int count)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        for (var received = ""; received.Split("example-project").Length - 1 < count;)
        {
            var read = await _toClient.Reader.ReadAsync(deadline.Token);
            received += Encoding.Latin1.GetString(read.Buffer);
            _toClient.Reader.AdvanceTo(read.Buffer.End);
        }
    }

    /// <summary>What was answered until the connection was let go.</summary>
    private async Task<string> ReceivedAsync()
    {
        await _toClient.Writer.CompleteAsync();
        using var received = new MemoryStream();
        await _toClient.Reader.CopyToAsync(received, TestContext.Current.CancellationToken);
        return Encoding.Latin1.GetString(received.ToArray());
    }

    private sealed record Transport(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
