using System.Net;
using System.Net.Sockets;

namespace Mds.Server.Listeners;

/// <summary>
/// A socket that listens already, before the server runs: the real port is known early (the local issuer's address holds
/// it), and a port in use is a sentence and not a stack trace.
/// </summary>
internal sealed class BoundListener : IDisposable
{
    private const int Backlog = 512;

    /// <summary>The metadata server's address on Compute Engine: link-local, so of this machine alone here too.</summary>
    private static readonly IPAddress RealAddress = IPAddress.Parse("169.254.169.254");

    private BoundListener(ListenerKind kind, Socket socket) =>
        (Kind, Socket, EndPoint) = (kind, socket, socket.LocalEndPoint!);

    /// <summary>What is served there.</summary>
    public ListenerKind Kind { get; }

    /// <summary>The listening socket.</summary>
    public Socket Socket { get; }

    /// <summary>The real address, with the port that the operating system chose for port 0.</summary>
    public EndPoint EndPoint { get; }

    /// <summary>What it is to TLS clients; <see langword="null"/> where it speaks plainly.</summary>
    public ListenerCertificate? Certificate { get; init; }

    /// <summary>The port; 0 for a Unix socket, which has none.</summary>
    public int Port => (EndPoint as IPEndPoint)?.Port ?? 0;

    /// <summary>Whether only this machine can reach it: by the loopback, a socket, or the metadata server's own address.</summary>
    public bool IsOfThisMachine => EndPoint is not IPEndPoint { Address: var address }
        || IPAddress.IsLoopback(address)
        || address.Equals(RealAddress);

    /// <summary>The <c>address:port</c> that a client on this machine dials, or the path of a Unix socket.</summary>
    public string Authority => EndPoint is IPEndPoint { Address: var address }
        && (address.Equals(IPAddress.IPv6Any) || address.Equals(IPAddress.Any))
        ? $"127.0.0.1:{Port}"
        : EndPoint.ToString()!;

    /// <summary>The same with its scheme, to be shown.</summary>
    public string Url => EndPoint is UnixDomainSocketEndPoint ? $"unix:{Authority}"
        : Certificate is null ? $"http://{Authority}"
        : $"https://{Authority}";

    /// <summary>Opens a listener on a Unix socket.</summary>
    /// <param name="kind">What will be served there.</param>
    /// <param name="settings">Where.</param>
    /// <exception cref="ListenException">It cannot be opened.</exception>
    public static BoundListener Bind(ListenerKind kind, UnixSocketSettings settings) =>
        new(kind, UnixSocketFile.Listen(settings, Backlog));

    /// <summary>Opens a listener.</summary>
    /// <param name="kind">What will be served there.</param>
    /// <param name="settings">Where.</param>
    /// <param name="certificate">What it is to TLS clients.</param>
    /// <exception cref="ListenException">It cannot be opened.</exception>
    public static BoundListener Bind(ListenerKind kind, ListenerSettings settings, ListenerCertificate? certificate = null)
    {
        try
        {
            return new BoundListener(kind, settings.Interface is { } address
                ? Listen(address, settings.Port)
                : Socket.OSSupportsIPv6 ? ListenEverywhere(settings.Port) : Listen(IPAddress.Any, settings.Port))
            {
                Certificate = certificate,
            };
        }
        catch (SocketException exception)
        {
            throw new ListenException(Sentence(settings, exception), exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Socket.Dispose();

    // A kernel may know IPv6 and have it switched off, which shows only here.
    private static Socket ListenEverywhere(int port)
    {
        try
        {
            return Listen(IPAddress.IPv6Any, port);
        }
        catch (SocketException exception) when (exception.SocketErrorCode
            is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            return Listen(IPAddress.Any, port);
        }
    }

    private static Socket Listen(IPAddress address, int port)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            socket.Bind(new IPEndPoint(address, port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Sentence(ListenerSettings settings, SocketException exception)
    {
        var address = settings.Interface?.ToString() ?? "*";
        return exception.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse =>
                $"Port {settings.Port} of {address} is in use by another process. "
                + $"Stop that one, or choose another port with {settings.PortSwitch} ({settings.PortSwitch} 0 takes a free one).",
            SocketError.AddressNotAvailable =>
                $"{address} is not an address of this machine. Give one that is with {settings.InterfaceSwitch}, or * for every address.",
            SocketError.AccessDenied =>
                $"Port {settings.Port} needs root or the capability NET_BIND_SERVICE. "
                + $"Choose a port above 1023 with {settings.PortSwitch}.",
            _ =>
                $"{address}:{settings.Port} cannot be listened on: {exception.Message}. "
                + $"Choose another with {settings.InterfaceSwitch} and {settings.PortSwitch}.",
        };
    }
}
