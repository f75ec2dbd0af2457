using System.Net;
using System.Net.Sockets;
using System.Text;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Tests.Robustness;

/// <summary>Clients that take their time, stop in the middle, or say early that they are done.</summary>
public sealed class SlowClientTests
{
    private const string Leaf = "/computeMetadata/v1/project/project-id";

    // What announces a body, be it of no bytes, is Kestrel's business; the others are answered below it.
    private const string Kestrels = "Content-Length: 0\r\n";

    private static readonly string[] Heads = [Kestrels, "", "Connection: close\r\n"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", true)]
    [InlineData("Connection: close\r\n", true)]
    [InlineData(Kestrels, false)]
    public async Task Get_HalfClosedBehindTheRequest_IsAnsweredInFullOrNotAtAll(string head, bool always)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), least: LogLevel.Information);
        var tree = await server.GetAsync("/computeMetadata/v1/?recursive=true");

        for (var i = 0; i < 50; i++)
        {
            var received = await RawExchange.SendAsync(
                server.Server.Metadata.EndPoint, Request("/computeMetadata/v1/?recursive=true", head), patience: TimeSpan.Zero);

            Assert.Null(RawExchange.Fault(received));
            if (always || received.Length > 0)
            {
                Assert.StartsWith("HTTP/1.1 200 OK\r\n", received);
                Assert.EndsWith(tree.Body, received);
            }
        }
    }

    [Fact]
    public async Task Get_SeveralAtOnce_AreAllAnsweredInOrder()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), least: LogLevel.Information);
        string[] heads = ["", Kestrels, "", Kestrels, "Connection: close\r\n"];

        var received = await RawExchange.SendAsync(
            server.Server.Metadata.EndPoint, heads.SelectMany(head => Request(Leaf, head)).ToArray(), patience: Timeout.InfiniteTimeSpan);

        Assert.Null(RawExchange.Fault(received));
        Assert.Equal(heads.Length, received.Split("HTTP/1.1 200 OK\r\n").Length - 1);
    }

    [Fact]
    public async Task Wait_HalfClosedOrGone_LeavesNoWaiterBehind()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), least: LogLevel.Information);
        using var half = await ConnectAsync(server);
        using var gone = await ConnectAsync(server);
        await half.SendAsync(Request(Leaf + "?wait_for_change=true"), Cancellation);
        await gone.SendAsync(Request(Leaf + "?wait_for_change=true"), Cancellation);
        await Eventually.TrueAsync(() => server.Server.State.Metadata.WaiterCount == 2, "both wait");

        half.Shutdown(SocketShutdown.Send);
        gone.Close(0);

        await Eventually.TrueAsync(() => server.Server.State.Metadata.WaiterCount == 0, "nobody waits any more");
    }

    [Fact]
    public async Task Get_ByteByByte_IsAnswered()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), least: LogLevel.Information);
        foreach (var head in Heads)
        {
            using var client = await ConnectAsync(server);
            client.NoDelay = true;
            foreach (var part in Request(Leaf, head))
            {
                await client.SendAsync(new[] { part }, Cancellation);
            }

            Assert.StartsWith("HTTP/1.1 200 OK\r\n", await ReadSomeAsync(client));
        }
    }

    [Fact]
    public async Task Get_NeverFinished_IsEndedByTheServerAndHoldsNobodyUp()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), least: LogLevel.Information);
        using var client = await ConnectAsync(server);
        await client.SendAsync(Encoding.ASCII.GetBytes($"GET {Leaf} HTTP/1.1\r\nHost: a\r\nMetadata-Fl"), Cancellation);

        Assert.Equal("mds-sample", await server.ProjectIdAsync());

        // The server's limit is ten seconds; the test's is a minute.
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        deadline.CancelAfter(TimeSpan.FromMinutes(1));
        var received = new StringBuilder();
        var buffer = new byte[1024];
        for (int count; (count = await client.ReceiveAsync(buffer, deadline.Token)) > 0;)
        {
            received.Append(Encoding.Latin1.GetString(buffer, 0, count));
        }

        Assert.StartsWith("HTTP/1.1 408 ", received.ToString());
    }

    private static byte[] Request(string path, string head = "") =>
        Encoding.Latin1.GetBytes($"GET {path} HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n{head}\r\n");

    private static async Task<Socket> ConnectAsync(StartedServer server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.Server.Metadata.EndPoint, Cancellation);
        return socket;
    }

    private static async Task<string> ReadSomeAsync(Socket client)
    {
        var buffer = new byte[4096];
        return Encoding.Latin1.GetString(buffer, 0, await client.ReceiveAsync(buffer, Cancellation));
    }
}
