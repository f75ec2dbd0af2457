using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Mds.Server.FastLane;

/// <summary>
/// Lets what follows on a read or write of one socket run on the thread that heard of it from the kernel, instead of on
/// the thread pool: that is a third of the time that a request takes. It is right only for what neither blocks nor takes
/// long, because every socket of the process waits for that thread.
/// </summary>
/// <remarks>
/// <c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c> does the same for all sockets, those to token issuers included. The
/// setter for one is experimental and not public in .NET 10, but kept for callers outside (dotnet/runtime,
/// SocketAsyncContext.Unix.cs). Where it is missing, requests take that third longer.
/// </remarks>
internal static class InlineCompletions
{
    private static volatile bool _isMissing = !OperatingSystem.IsLinux();

    /// <summary>Switches it on or off for a connection.</summary>
    /// <param name="connection">The connection; one without a socket is left as it is.</param>
    /// <param name="isInline">Whether on.</param>
    public static void Set(ConnectionContext connection, bool isInline)
    {
        if (_isMissing || connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
        {
            return;
        }

        try
        {
            SetPreferInlineCompletions(socket, isInline);
        }
        catch (MissingMethodException)
        {
            _isMissing = true;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_PreferInlineCompletions")]
    private static extern void SetPreferInlineCompletions(Socket socket, bool value);
}
