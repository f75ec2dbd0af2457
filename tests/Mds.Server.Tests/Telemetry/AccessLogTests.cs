using System.IO.Pipelines;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Mds.Server.Protocol;
using Mds.Server.Telemetry;
using Mds.Server.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Tests.Telemetry;

public sealed class AccessLogTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_WithAnAccessLog_WritesALineForEachRequestAndNoSecret()
    {
        await using var process = ServerProcess.Start(["-local", "-port", "0", "-accessLog", "stdout", "-logFormat", "text"]);
        await Eventually.TrueAsync(() => process.Errors.Contains("# metadata: ", StringComparison.Ordinal), "the server listens");
        using var client = new HttpClient
        {
            BaseAddress = new Uri(process.Errors.Split('\n').Single(line => line.StartsWith("# metadata: ", StringComparison.Ordinal))["# metadata: ".Length..]),
        };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("probe/1.0");
        using var refused = await client.GetAsync("/computeMetadata/v1/instance/name", Cancellation);
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        var token = await client.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/token?access_token=hunter2", Cancellation);

        await process.SignalAsync(PosixSignal.SIGTERM);
        Assert.Equal(0, await process.ExitCodeAsync());

        var lines = process.Output.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!).ToList();
        Assert.Equal(
            ["GET /computeMetadata/v1/instance/name 403 flavor ", "GET /computeMetadata/v1/instance/service-accounts/default/token?access_token=*** 200  Google"],
            lines.Select(line => $"{line["method"]} {line["target"]} {line["status"]} {line["refusal"]} {line["flavor"]}"));
        Assert.Equal(token.Length, (int)lines[1]["bytes"]!);
        Assert.All(lines, line =>
        {
            Assert.Equal(("probe/1.0", "127.0.0.1"), ((string?)line["userAgent"], (string?)line["remote"]));
            Assert.InRange((double)line["seconds"]!, 0, 60);
            Assert.InRange((DateTimeOffset)line["time"]!, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
        });
        Assert.DoesNotContain("hunter2", process.Output);
        Assert.DoesNotContain(token.Split('"')[3], process.Output);
    }

    [Fact]
    public async Task Answered_NobodyReads_LeavesLinesOutAndCountsThem()
    {
        const int Requests = 20_000;
        var pipe = new Pipe();
        var dropped = 0;
        var log = new AccessLog(pipe.Writer.AsStream(), TimeProvider.System, () => Interlocked.Increment(ref dropped));
        for (var i = 0; i < Requests; i++)
        {
            Answer(log, $"/{i}");
        }

        Assert.True(dropped > 0);
        var reading = ReadAsync();
        await log.DisposeAsync();
        await pipe.Writer.CompleteAsync();
        var lines = await reading;

        Assert.Equal(Requests, lines.Count + dropped);
        Assert.Equal("/0", (string?)JsonNode.Parse(lines[0])!["target"]);
        Assert.All(lines, line => JsonNode.Parse(line));

        async Task<List<string>> ReadAsync()
        {
            var read = new List<string>();
            using var reader = new StreamReader(pipe.Reader.AsStream());
            while (await reader.ReadLineAsync(Cancellation) is { } line)
            {
                read.Add(line);
            }

            return read;
        }
    }

    [Fact]
    public async Task Answered_LongRequest_IsCut()
    {
        var output = new MemoryStream();
        var log = new AccessLog(output, TimeProvider.System, () => { });

        Answer(log, "/" + new string('a', 5000), new string('b', 1023) + "😀" + new string('b', 5000), new string('c', 5000));

        await log.DisposeAsync();
        var line = JsonNode.Parse(output.ToArray())!;
        Assert.Equal("/" + new string('a', 1023), (string?)line["target"]);
        Assert.Equal(new string('b', 1023), (string?)line["userAgent"]);
        Assert.Equal(new string('c', 1024), (string?)line["flavor"]);
    }

    [Fact]
    public async Task Answered_OutputThatIsClosed_WritesNoMoreAndCountsWhatIsLeftOut()
    {
        const int Requests = 20_000;
        var dropped = 0;
        await using var output = new BrokenStream();
        await using var log = new AccessLog(output, TimeProvider.System, () => Interlocked.Increment(ref dropped));
        Answer(log, "/first");
        await Eventually.TrueAsync(() => output.Writes == 1, "the first line is written");

        for (var i = 0; i < Requests; i++)
        {
            Answer(log, $"/{i}");
        }

        Assert.True(dropped > 0);
        Assert.Equal(1, output.Writes);
    }

    private static void Answer(AccessLog log, string target, string? userAgent = null, string? flavor = null)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Headers.UserAgent = userAgent;
        context.Request.Headers["Metadata-Flavor"] = flavor;
        context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget = target;
        log.Answered(new AnsweredRequest
        {
            Request = default,
            Outcome = new RequestOutcome("other"),
            Answer = Mds.Server.Protocol.Answer.Error(ErrorPage.NotFound, target),
            Elapsed = TimeSpan.Zero,
            Context = context,
        });
    }

    private sealed class BrokenStream : MemoryStream
    {
        private int _writes;

        public int Writes => Volatile.Read(ref _writes);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _writes);
            return ValueTask.FromException(new IOException("Broken pipe"));
        }
    }
}
