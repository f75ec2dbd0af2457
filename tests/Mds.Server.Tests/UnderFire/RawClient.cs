using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Mds.Server.Tests.UnderFire;

/// <summary>A client with a connection of its own, which has sent its request and not yet read the answer.</summary>
internal sealed class RawClient : IDisposable
{
    private const string Accounts = "/computeMetadata/v1/instance/service-accounts/";

    private readonly Socket _socket;

    private RawClient(Socket socket) => _socket = socket;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="server">The metadata listener.</param>
    /// <param name="path">What to ask for, below the service accounts.</param>
    public static async Task<RawClient> SendAsync(EndPoint server, string path)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, Cancellation);
        await socket.SendAsync(
            Encoding.ASCII.GetBytes($"GET {Accounts}{path} HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\nConnection: close\r\n\r\n"),
            Cancellation);
        return new(socket);
    }

    /// <summary>The answer.</summary>
    public async Task<RawResponse> ReadAsync()
    {
        await using var stream = new NetworkStream(_socket);
        return await RawResponse.ReadAsync(stream, Cancellation);
    }

    /// <summary>Hangs up.</summary>
    public void Dispose() => _socket.Dispose();
}
