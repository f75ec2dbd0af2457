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

    // What connections took is used again by the next ones. That it goes back to the system at once is not asked for: the
    // runtime keeps it for a while.
    [Fact]
    public async Task Connections_TenThousandIdle_AreServedAndTakeNoMoreMemoryTheNextTime()
    {
        var server = await StartAsync();
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
        // The runtime collects when it likes, which makes a difference of 120 MB and more between two rounds; connections that
        // are kept would add as much in every round.
        Assert.InRange(Math.Max(memory[2], memory[3]), 0, Math.Max(memory[0], memory[1]) + (200 << 20));
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
        const int Requests = 1_000;
        const int Length = 250_000;
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
        var server = await StartAsync();
        var first = await _client.GetStringAsync(new Uri(server, Tree), Cancellation);
        Assert.Equal(201, first.Split("@0@").Length - 1);
        using var stop = new CancellationTokenSource();
        var versions = new System.Collections.Concurrent.ConcurrentDictionary<string, string>();
        var readers = Enumerable.Range(0, 4).Select(_ => ReadAsync()).ToArray();

        var memory = 0L;
        for (var i = 1; i <= Changes; i++)
        {
            _folder.RenameOver("claims.json", Claims(i));
            await AskAsync();
            if (i == Changes / 4)
            {
                memory = _process!.ResidentBytes;
            }
        }

        await Eventually.TrueAsync(
            async () => await _client.GetStringAsync(new Uri(server, Name), Cancellation) == $"@{Changes}@", "the last version is served");
        await stop.CancelAsync();
        var answers = (await Task.WhenAll(readers)).Sum();

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{answers} answers of {versions.Count} versions; resident {memory >> 20} MB after {Changes / 4} changes, {_process!.ResidentBytes >> 20} MB at the end.");
        Assert.InRange(versions.Count, 2, Changes + 1);
        Assert.Equal(versions.Count, versions.Values.Distinct().Count());
        // Trees are garbage as soon as the next is served. How much of it there may be before it is collected is the
        // runtime's to say, and does not depend on how many there were.
        Assert.InRange(_process.ResidentBytes, 0, (long)(memory * 1.5) + (64 << 20));

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
        async Task AskAsync()
        {
            using var answer = await _client.GetAsync(new Uri(server, Tree), Cancellation);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            var start = body.IndexOf('@', StringComparison.Ordinal);
            var version = body[start..(body.IndexOf('@', start + 1) + 1)];
            Assert.Equal(first.Replace("@0@", version), body);
            var etag = answer.Headers.NonValidated["ETag"].ToString();
            Assert.Equal(etag, versions.GetOrAdd(version, etag));
        }
    }

    private static string Claims(int version)
    {
        var attributes = string.Join(", ", Enumerable.Range(0, 200).Select(i => $"\"a{i}\": \"@{version}@\""));
        return $$$"""{"instance": {"name": "@{{{version}}}@", "attributes": {{{{attributes}}}}}, "project": {"projectId": "p"}}""";
    }

    private async Task<Uri> StartAsync(string? claims = null)
    {
        _process = ServerProcess.Start(["-configFile", _folder.Write("claims.json", claims ?? Claims(0)), "-port", "0", "-metricsPort", "0"]);
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
