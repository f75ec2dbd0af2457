using System.Net.Sockets;
using System.Text;

namespace Mds.Conformance.Tests;

/// <summary>A connection on which requests are sent byte for byte.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TcpClient _client = new();

    private RawConnection()
    {
    }

    /// <summary>Connects.</summary>
    /// <param name="authority">The <c>address:port</c>.</param>
    public static async Task<RawConnection> OpenAsync(string authority)
    {
        var connection = new RawConnection();
        var colon = authority.LastIndexOf(':');
        await connection._client.ConnectAsync(authority[..colon], int.Parse(authority[(colon + 1)..]));
        return connection;
    }

    /// <summary>Sends a request and reads its answer.</summary>
    /// <param name="request">Its bytes.</param>
    /// <param name="hasBody">Whether the answer has the body that it tells the length of, which that to HEAD has not.</param>
    public async Task<RawResponse> SendAsync(string request, bool hasBody = true)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var stream = _client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), limit.Token);
        return await RawResponse.ReadAsync(stream, limit.Token, hasBody);
    }

    /// <summary>Whether the server ends the connection without sending anything more.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await _client.GetStream().ReadAsync(new byte[1], limit.Token) == 0;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }
}
