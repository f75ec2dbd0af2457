using Mds.Server.Protocol;

namespace Mds.Server.Telemetry;

/// <summary>Writes a line for each request on the metadata listener, at debug level.</summary>
/// <param name="logger">Takes the lines.</param>
internal sealed partial class AccessLog(ILogger<AccessLog> logger) : IRequestObserver
{
    /// <summary>Not while lines are written: they say who asked, and with what program.</summary>
    public bool AllowsFastLane => !logger.IsEnabled(LogLevel.Debug);

    /// <inheritdoc/>
    public void Answered(in AnsweredRequest request)
    {
        if (request.Context is { } context && logger.IsEnabled(LogLevel.Debug))
        {
            // The template and not the address: an audience or a key somebody made up is none of the log's business.
            Log.Answered(
                logger,
                context.Request.Method,
                request.Outcome.Path,
                request.Status,
                request.Elapsed.TotalMilliseconds,
                context.Connection.RemoteIpAddress?.ToString(),
                context.Request.Headers.UserAgent.ToString());
        }
    }
}
