using Mds.Server.Protocol;
using Microsoft.AspNetCore.Connections;

namespace Mds.Server.FastLane;

/// <summary>
/// The fast lane: below Kestrel's HTTP and above its sockets and TLS, it answers plain requests whose answer is known at
/// once. The first request on a connection that is anything else is left where it is, and the connection is Kestrel's from
/// there on: slow or broken headers, bodies, and requests that wait are its business. What is answered is decided in one
/// place for both, by the <see cref="MetadataHandler"/>.
/// </summary>
/// <param name="handler">Answers.</param>
/// <param name="time">The clock, for the header Date and for how long a connection may be quiet.</param>
internal sealed class LaneMiddleware(MetadataHandler handler, TimeProvider time)
{
    private readonly ResponseHead _head = new(handler.Headers, time);

    /// <summary>Serves a connection until it ends.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="longestQuiet">How long it may be open without a request.</param>
    /// <param name="next">Kestrel's HTTP.</param>
    public async Task RunAsync(ConnectionContext connection, TimeSpan longestQuiet, ConnectionDelegate next)
    {
        var lane = new LaneConnection(connection, handler, _head, time, longestQuiet);
        InlineCompletions.Set(connection, true);
        if (await lane.RunAsync())
        {
            // From here on it may take any time, which the thread that all sockets wait for has not.
            InlineCompletions.Set(connection, false);
            await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await next(connection);
        }
    }
}
