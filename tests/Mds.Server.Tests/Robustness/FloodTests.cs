using System.Net;
using System.Net.Sockets;
using System.Text;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Robustness;

/// <summary>
/// Clients that ask without pause and take every answer. The server is a process of its own: in this one, its sockets and
/// the clients' would wait for the same thread.
/// </summary>
public sealed class FloodTests
{
    private const string Leaf = "/computeMetadata/v1/project/project-id";
    private const int Flooders = 4;

    // The server reads as much as there is, at most 4096 bytes, and a connection leaves the fast lane at a request that lies across the
    // end: so both the segments of TCP and the requests divide it.
    private const int RequestLength = 128;
    private const int SegmentLength = 4096;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Get_WhileOthersFlood_IsAnsweredByEveryListener()
    {
        await using var process = ServerProcess.Start(["-port", "0", "-metricsPort", "0"]);
        var server = await process.ListeningAsync();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(Deadline);
        var floods = new List<Flood>();
        try
        {
            for (var i = 0; i < Flooders; i++)
            {
                floods.Add(await Flood.StartAsync(server, deadline.Token));
            }

            using var client = new HttpClient();
            client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
            for (var i = 0; i < 20; i++)
            {
                // Each on a connection of its own, which has to be accepted first.
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server, Leaf)) { Headers = { ConnectionClose = true } };
                using var answer = await client.SendAsync(request, deadline.Token);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
                using var health = await client.GetAsync(new Uri(process.Admin, "/healthz"), deadline.Token);
                Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            }

            // None of them was let down for it.
            foreach (var flood in floods)
            {
                await flood.FlowsOnAsync(deadline.Token);
            }
        }
        finally
        {
            foreach (var flood in floods)
            {
                await flood.DisposeAsync();
            }
        }
    }

    private sealed class Flood : IAsyncDisposable
    {
        private const int Much = 1024 * 1024;

        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private const int TcpProtocol = 6;
        private const int TcpMaximumSegment = 2;
        private const int TimestampLength = 12;

        private readonly SemaphoreSlim _tookMuch = new(0);
        private Task _flow = Task.CompletedTask;

        public static async Task<Flood> StartAsync(Uri server, CancellationToken cancellationToken)
        {
            var flood = new Flood();
            flood._socket.SetRawSocketOption(TcpProtocol, TcpMaximumSegment, BitConverter.GetBytes(SegmentLength + TimestampLength));
            await flood._socket.ConnectAsync(IPAddress.Loopback, server.Port, cancellationToken);
            var request = $"GET {Leaf} HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\nX-Pad: ";
            request = request.PadRight(RequestLength - 4, 'x') + "\r\n\r\n";
            // One alone first: the connection is on the fast lane when the flood comes.
            await flood._socket.SendAsync(Encoding.ASCII.GetBytes(request), cancellationToken);
            Assert.True(await flood._socket.ReceiveAsync(new byte[Much], cancellationToken) > 0);
            flood._flow = Task.WhenAll(flood.SendAsync(string.Concat(Enumerable.Repeat(request, Much / RequestLength))), flood.TakeAsync());
            return flood;
        }

        /// <summary>Waits until more was taken than can have been on the way.</summary>
        public async Task FlowsOnAsync(CancellationToken cancellationToken)
        {
            for (var i = 0; i < 16; i++)
            {
                await _tookMuch.WaitAsync(cancellationToken);
            }
        }

        public async ValueTask DisposeAsync()
        {
            _socket.Dispose();
            await _flow.ContinueWith(_ => _tookMuch.Dispose(), TaskScheduler.Default);
        }

        private async Task SendAsync(string requests)
        {
            for (var bytes = Encoding.ASCII.GetBytes(requests); ;)
            {
                await _socket.SendAsync(bytes);
            }
        }

        private async Task TakeAsync()
        {
            var buffer = new byte[Much];
            for (long taken = 0, told = 0; ;)
            {
                var count = await _socket.ReceiveAsync(buffer);
                Assert.True(count > 0, "The server hung up.");
                for (taken += count; told < taken / Much; told++)
                {
                    _tookMuch.Release();
                }
            }
        }
    }
}
