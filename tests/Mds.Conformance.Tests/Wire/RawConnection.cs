using System.Net.Sockets;
using System.Text;

namespace Mds.Conformance.Tests;

/// <summary>A connection on which requests are sent byte for byte.</summary>
internal sealed class RawConnection : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly TcpClient _client = new();
    private readonly byte[] _buffer = new byte[16384];

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
    public async Task<RawAnswer> SendAsync(string request, bool hasBody = true)
    {
        using var limit = new CancellationTokenSource(Deadline);
        var stream = _client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), limit.Token);

        var received = "";
        int end;
        while ((end = received.IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            received += await ReadAsync(stream, limit.Token);
        }

        var answer = RawAnswer.Parse(received[..end], received[(end + 4)..]);
        while (hasBody && answer.Body.Length < answer.ContentLength)
        {
            answer = answer with { Body = answer.Body + await ReadAsync(stream, limit.Token) };
        }

        return answer;
    }

    /// <summary>Whether the server ends the connection without sending anything more.</summary>
    public async Task<bool> IsClosedAsync()
    {
        using var limit = new CancellationTokenSource(Deadline);
        return await _client.GetStream().ReadAsync(_buffer, limit.Token) == 0;
    }

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var count = await stream.ReadAsync(_buffer, cancellationToken);
        Assert.True(count > 0, "The server closed the connection in the middle of an answer.");
        return Encoding.Latin1.GetString(_buffer, 0, count);
    }
}
