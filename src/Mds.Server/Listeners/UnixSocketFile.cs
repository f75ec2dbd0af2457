using System.Net.Sockets;
using System.Text;

namespace Mds.Server.Listeners;

/// <summary>
/// The file of a Unix socket. A server that was killed leaves its file behind, which the next one replaces; that of a
/// living server, and any file that is no socket, is left alone. Closing the socket removes the file.
/// </summary>
internal static class UnixSocketFile
{
    // sun_path of unix(7) has 108 bytes, the last of which is the mark of the end.
    private const int LongestPath = 107;

    // ENXIO: what open(2) says of a socket.
    private const int NoSuchDeviceOrAddress = 6;

    /// <summary>Makes the file and listens.</summary>
    /// <param name="settings">Where, and who may connect.</param>
    /// <param name="backlog">How many connections may wait to be taken.</param>
    /// <exception cref="ListenException">It cannot be made.</exception>
    public static Socket Listen(UnixSocketSettings settings, int backlog)
    {
        var path = settings.Path;
        var length = Encoding.UTF8.GetByteCount(path);
        if (length > LongestPath)
        {
            throw new ListenException(
                $"The path of the Unix socket (-domainsocket) has {length} bytes and the system takes at most {LongestPath}: {path}. Choose a shorter one.");
        }

        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } directory && !Directory.Exists(directory))
        {
            throw new ListenException($"The directory {directory} for the Unix socket (-domainsocket) does not exist. Make it, or choose another path.");
        }

        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows())
            {
                // Before anybody can connect.
                File.SetUnixFileMode(path, settings.Mode);
            }

            socket.Listen(backlog);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or IOException or UnauthorizedAccessException)
        {
            socket.Dispose();
            throw new ListenException(
                $"The Unix socket {path} (-domainsocket) cannot be made: {exception.Message}. Choose a path in a directory that this process may write to.",
                exception);
        }
    }

    private static void RemoveStale(string path)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            return;
        }

        if (!IsSocket(path))
        {
            throw new ListenException(
                $"{path} (-domainsocket) is no socket, and is not replaced. Remove it, or choose another path.");
        }

        if (IsServed(path))
        {
            throw new ListenException(
                $"The Unix socket {path} (-domainsocket) is in use by another process. Stop that one, or choose another path.");
        }

        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ListenException(
                $"The Unix socket {path} (-domainsocket) was left by a server that is gone, and cannot be removed: {exception.Message}", exception);
        }
    }

    // Connecting does not tell: a plain file refuses as the socket of a dead server does. Opening for reading and writing
    // does not hang on a pipe.
    private static bool IsSocket(string path)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (IOException exception)
        {
            return exception.HResult == NoSuchDeviceOrAddress;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static bool IsServed(string path)
    {
        // A server too busy to take connections would make a blocking one wait.
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            client.Connect(new UnixDomainSocketEndPoint(path));
            return true;
        }
        catch (SocketException exception)
        {
            return exception.SocketErrorCode != SocketError.ConnectionRefused;
        }
    }
}
