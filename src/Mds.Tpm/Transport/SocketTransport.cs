using System.Net.Sockets;

namespace Mds.Tpm;

/// <summary>
/// A software TPM behind a socket that takes commands as they are, as swtpm's <c>--server</c> does: a response says
/// itself how long it is.
/// </summary>
internal sealed class SocketTransport : ITpmTransport
{
    /// <summary>How long a connection is waited for.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly TpmAddress _address;
    private readonly byte[] _buffer = new byte[TpmFrame.MaximumLength];

    private SocketTransport(TpmAddress address, Socket socket)
    {
        _address = address;
        _socket = socket;
        _socket.ReceiveTimeout = _socket.SendTimeout = (int)address.AnswerTimeout.TotalMilliseconds;
    }

    public static SocketTransport Connect(TpmAddress address, string host, int port)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        return Connect(address, socket, cancellation => socket.ConnectAsync(host, port, cancellation));
    }

    public static SocketTransport Connect(TpmAddress address, string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        return Connect(address, socket, cancellation => socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation));
    }

    /// <inheritdoc/>
    public byte[] Exchange(ReadOnlySpan<byte> command)
    {
        try
        {
            _socket.Send(command);
            Receive(_buffer.AsSpan(0, TpmFrame.HeaderLength));
            var length = TpmFrame.LengthOf(_buffer, _address.Text);
            Receive(_buffer.AsSpan(TpmFrame.HeaderLength, length - TpmFrame.HeaderLength));
            return TpmFrame.Complete(_buffer.AsSpan(0, length), _address.Text);
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            throw new TpmException(
                TpmFault.Silent,
                $"The TPM at {_address} did not answer within {_address.AnswerTimeout.TotalSeconds:0} s. "
                + "A software TPM serves one client at a time: another one may hold it. Its control socket does not answer at all.",
                e);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            throw Unreachable($"The TPM at {_address} went away: {e.Message.TrimEnd('.')}.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static SocketTransport Connect(TpmAddress address, Socket socket, Func<CancellationToken, ValueTask> connect)
    {
        using var limit = new CancellationTokenSource(ConnectTimeout);
        try
        {
            connect(limit.Token).AsTask().GetAwaiter().GetResult();
            return new SocketTransport(address, socket);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ArgumentException)
        {
            socket.Dispose();
            var (fault, reason) = e is OperationCanceledException
                ? (TpmFault.Silent, $"no answer within {ConnectTimeout.TotalSeconds:0} s")
                : (TpmFault.Unreachable, e.Message.TrimEnd('.'));
            throw new TpmException(
                fault,
                $"No TPM can be reached at {address}: {reason}. Start it, or correct the address; "
                + "a software TPM is started with: swtpm socket --tpm2 --server type=tcp,port=2321 --flags not-need-init,startup-clear",
                e);
        }
    }

    private void Receive(Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var received = _socket.Receive(into);
            if (received == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            into = into[received..];
        }
    }

    private static TpmException Unreachable(string message, Exception cause) => new(TpmFault.Unreachable, message, cause);
}
