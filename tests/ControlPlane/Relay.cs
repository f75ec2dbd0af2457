using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane;

/// <summary>Passes TCP connections on to a port of this machine, until it is told to misbehave like a network.</summary>
public sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Connection, Task> _connections = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile bool _down;

    internal Relay(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The port to connect to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Closes every connection there is; new ones are welcome.</summary>
    public void Cut()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.Dispose();
        }
    }

    /// <summary>Closes every connection there is, and new ones at once, until <see cref="Up"/>.</summary>
    public void Down()
    {
        _down = true;
        Cut();
    }

    /// <summary>Passes connections on again.</summary>
    public void Up() => _down = false;

    /// <summary>
    /// From now on passes nothing on over the connections there are, and closes none of them: the peer seems to have
    /// vanished. New connections work.
    /// </summary>
    public void Freeze()
    {
        foreach (var connection in _connections.Keys)
        {
            connection.IsFrozen = true;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        await _ending.CancelAsync();
        _listener.Stop();
        await _accepting;
        Cut();
        await Task.WhenAll(_connections.Values);
        _listener.Dispose();
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var near = await _listener.AcceptTcpClientAsync(_ending.Token);
                var connection = new Connection(near, new TcpClient());
                _connections[connection] = RunAsync(connection);
                if (_down)
                {
                    connection.Dispose();
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // The end.
        }
    }

    private async Task RunAsync(Connection connection)
    {
        await Task.Yield();
        try
        {
            await connection.Far.ConnectAsync(IPAddress.Loopback, _target, _ending.Token);
            await Task.WhenAny(
                connection.PassAsync(connection.Near, connection.Far),
                connection.PassAsync(connection.Far, connection.Near));
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Then the near side is closed, as a refused connection is.
        }
        finally
        {
            connection.Dispose();
            _connections.TryRemove(connection, out _);
        }
    }

    private sealed class Connection(TcpClient near, TcpClient far) : IDisposable
    {
        private volatile bool _frozen;

        public TcpClient Near { get; } = near;

        public TcpClient Far { get; } = far;

        public bool IsFrozen
        {
            get => _frozen;
            set => _frozen = value;
        }

        public async Task PassAsync(TcpClient from, TcpClient to)
        {
            var buffer = new byte[16 * 1024];
            try
            {
                int read;
                while ((read = await from.GetStream().ReadAsync(buffer)) > 0)
                {
                    if (!IsFrozen)
                    {
                        await to.GetStream().WriteAsync(buffer.AsMemory(0, read));
                    }
                }
            }
            catch (Exception e) when (e is IOException or InvalidOperationException)
            {
                // Either side is gone.
            }
        }

        public void Dispose()
        {
            Near.Dispose();
            Far.Dispose();
        }
    }
}
