using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Robustness;

/// <summary>The real process, with more clients and more changes than it should ever see.</summary>
public sealed class CrowdedServerTests : IAsyncDisposable
{
    private const int Clients = 10_000;
    private const int Changes = 1_000;
    private const int ChangesBetweenLooks = 10;
    private const int Attributes = 2_000;

    // A document of so many attributes and its tree take more than a megabyte: fewer fit into this heap than are served one after
    // the other, should any of them be kept.
    private const string HeapLimit = "0x4000000";

    // 96 MB, which hold one crowd and not two: connections are refused after some 19,000, which makes 5 kB for each. Whatever is
    // kept of three crowds has to fit beside the fourth, which it does not when it is more than 1.5 kB of each connection.
    private const string HeapLimitOfOneCrowd = "0x6000000";

    private const string Name = "/computeMetadata/v1/instance/name";
    private const string Tree = "/computeMetadata/v1/instance/?recursive=true";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new();

    private ServerProcess? _process;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    // What connections took is used again by the next ones; a heap that has no room for those that are gone shows it. What the
    // system sees of it is the runtime's affair, which gives memory back when it likes.
    [Fact]
    public async Task Connections_TenThousandIdle_AreServedAndTakeNoMoreMemoryTheNextTime()
    {
        var server = await StartAsync(null, ("DOTNET_GCHeapHardLimit", HeapLimitOfOneCrowd));
        var memory = new List<long>();
        for (var round = 0; round < 4; round++)
        {
            using (var crowd = await Crowd.ConnectAsync(server, Clients))
            {
                await crowd.SendAsync(Name);
                Assert.All(await crowd.ReadAsync(), body => Assert.Equal("@0@", body));
                Assert.Equal("@0@", await _client.GetStringAsync(new Uri(server, Name), Cancellation));
                await crowd.SendAsync(Name);
                Assert.Equal(Clients, (await crowd.ReadAsync()).Count);
                memory.Add(_process!.ResidentBytes);
            }

            await Eventually.TrueAsync(() => _process.OpenFiles < Clients / 10, "the server noticed that they are gone");
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"Resident with {Clients} connections, in MB: {string.Join(", ", memory.Select(bytes => bytes >> 20))}");
    }

    [Fact]
    public async Task Waiters_TenThousand_AllHearOfAChange()
    {
        var server = await StartAsync();
        using var crowd = await Crowd.ConnectAsync(server, Clients);
        await crowd.SendAsync(Name + "?wait_for_change=true");
        await Eventually.TrueAsync(async () => await MetricAsync("mds_waiters") == Clients, "all wait");
        Assert.InRange(_process!.Threads, 1, 100);

        _folder.RenameOver("claims.json", Claims(1));
        await Eventually.TrueAsync(
            async () => await _client.GetStringAsync(new Uri(server, Name), Cancellation) == "@1@", "the change is served");
        var start = Stopwatch.GetTimestamp();
        var answers = await crowd.ReadAsync();

        TestContext.Current.TestOutputHelper!.WriteLine($"All heard of it within {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms.");
        Assert.Equal(Clients, answers.Count);
        Assert.All(answers, body => Assert.Equal("@1@", body));
        Assert.Equal(0, await MetricAsync("mds_waiters"));
    }

    // A client that asks and never reads: its answers would take 250 MB, if they were not held back until it does.
    [Fact]
    public async Task Answers_ThatNobodyTakes_AreHeldBackAndLoseNothing()
    {
        const int Requests = 5_000;
        const int Length = 50_000;
        var server = await StartAsync(
            $$$"""{"instance": {"name": "@0@", "attributes": {"long": "{{{new string('#', Length)}}}"}}, "project": {"projectId": "p"}}""");
        var before = _process!.ResidentBytes;
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(IPAddress.Loopback, server.Port, Cancellation);
        var request = "GET /computeMetadata/v1/instance/attributes/long HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n\r\n"u8.ToArray();

        var sent = Task.Run(
            async () =>
            {
                for (var i = 0; i < Requests; i++)
                {
                    await client.SendAsync(request, Cancellation);
                }
            },
            Cancellation);
        for (var i = 0; i < 500; i++)
        {
            Assert.Equal("@0@", await _client.GetStringAsync(new Uri(server, Name), Cancellation));
        }

        Assert.InRange(_process.ResidentBytes - before, long.MinValue, 100 << 20);
        var buffer = new byte[64 * 1024];
        for (var left = (long)Requests * Length; left > 0;)
        {
            var count = await client.ReceiveAsync(buffer, Cancellation);
            Assert.True(count > 0, "The server hung up.");
            left -= buffer.AsSpan(0, count).Count((byte)'#');
            Assert.True(left >= 0, "More came than was asked for.");
        }

        await sent;
    }

    [Fact]
    public async Task Claims_ReplacedAThousandTimesUnderLoad_AreNeverTorn()
    {
        var server = await StartAsync(Claims(0, Attributes), ("DOTNET_GCHeapHardLimit", HeapLimit));
        var first = await _client.GetStringAsync(new Uri(server, Tree), Cancellation);
        Assert.Equal(Attributes + 1, first.Split("@0@").Length - 1);
        using var stop = new CancellationTokenSource();
        var versions = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        var readers = Enumerable.Range(0, 4).Select(_ => ReadAsync()).ToArray();

        // Changes that follow each other at once are taken as one. Each tenth is waited for, so that the others in between come
        // while the server is reading, building or serving any of them.
        for (var i = 1; i <= Changes; i++)
        {
            _folder.RenameOver("claims.json", Claims(i, Attributes));
            if (i % ChangesBetweenLooks == 0)
            {
                await Eventually.TrueAsync(async () => await AskAsync() == $"@{i}@", $"version {i} is served");
            }
        }

        await stop.CancelAsync();
        var answers = (await Task.WhenAll(readers)).Sum();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{answers} answers of {versions.Count} versions; resident {_process!.ResidentBytes >> 20} MB at the end.");
        Assert.InRange(versions.Count, Changes / ChangesBetweenLooks, Changes + 1);
        Assert.Equal(versions.Count, versions.Values.Distinct().Count());

        async Task<int> ReadAsync()
        {
            var count = 0;
            for (; !stop.IsCancellationRequested; count++)
            {
                await AskAsync();
            }

            return count;
        }

        // Each version is one text throughout, and has one ETag for ever.
        async Task<string> AskAsync()
        {
            using var answer = await _client.GetAsync(new Uri(server, Tree), Cancellation);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            var start = body.IndexOf('@', StringComparison.Ordinal);
            var version = body[start..(body.IndexOf('@', start + 1) + 1)];
            Assert.Equal(first.Replace("@0@", version), body);
            var etag = answer.Headers.NonValidated["ETag"].ToString();
            Assert.Equal(etag, versions.GetOrAdd(version, etag));
            return version;
        }
    }

    private static string Claims(int version, int count = 200)
    {
        var attributes = string.Join(", ", Enumerable.Range(0, count).Select(i => $"\"a{i}\": \"@{version}@\""));
        return $$$"""{"instance": {"name": "@{{{version}}}@", "attributes": {{{{attributes}}}}}, "project": {"projectId": "p"}}""";
    }

    private async Task<Uri> StartAsync(string? claims = null, params (string Name, string Value)[] variables)
    {
        _process = ServerProcess.Start(
            ["-configFile", _folder.Write("claims.json", claims ?? Claims(0)), "-port", "0", "-metricsPort", "0"], variables);
        _client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        return await _process.ListeningAsync();
    }

    private async Task<double> MetricAsync(string name)
    {
        var metrics = await _client.GetStringAsync(new Uri(_process!.Admin, "/metrics"), Cancellation);
        return double.Parse(
            metrics.Split('\n').Single(line => line.StartsWith(name + " ", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
    }
}
