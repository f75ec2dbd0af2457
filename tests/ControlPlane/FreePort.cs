using System.Net;
using System.Net.Sockets;

namespace ControlPlane;

/// <summary>Finds ports for programs that can't be told to choose one themselves.</summary>
internal static class FreePort
{
    /// <summary>
    /// A port that is free now, below the range that outgoing connections take theirs from (from 32768 on Linux), so that
    /// it is still free when a server comes back to it. Two programs may still be given the same: try again then.
    /// </summary>
    public static int Next()
    {
        while (true)
        {
            var port = Random.Shared.Next(20000, 32000);
            try
            {
                using var probe = new TcpListener(IPAddress.Loopback, port);
                probe.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken; the next one, then.
            }
        }
    }
}
