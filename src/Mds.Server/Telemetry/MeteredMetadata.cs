using System.Diagnostics;
using Mds.Server.Protocol;
using Mds.Server.Reload;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Telemetry;

/// <summary>The metadata endpoint with its requests counted, timed and, at debug level, logged.</summary>
/// <param name="endpoint">Answers.</param>
/// <param name="state">Says whether there is anything to answer.</param>
/// <param name="metrics">Takes the counts.</param>
/// <param name="logger">Takes the access log.</param>
internal sealed partial class MeteredMetadata(MetadataEndpoint endpoint, LiveState state, ServerMetrics metrics, ILogger logger)
{
    private const string NotLoaded = "not-loaded";

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    public async Task HandleAsync(HttpContext context)
    {
        var start = Stopwatch.GetTimestamp();
        var outcome = state.HasClaims ? await endpoint.HandleAsync(context) : await UnavailableAsync(context);
        var elapsed = Stopwatch.GetElapsedTime(start);
        metrics.Request(outcome.Path, context.Response.StatusCode, outcome.Waited ? null : elapsed);
        if (outcome.Refusal is { } reason)
        {
            metrics.Refusal(reason);
        }

        if (logger.IsEnabled(LogLevel.Debug))
        {
            // The template and not the address: an audience or a key somebody made up is none of the log's business.
            Log.Answered(
                logger,
                context.Request.Method,
                outcome.Path,
                context.Response.StatusCode,
                elapsed.TotalMilliseconds,
                context.Connection.RemoteIpAddress?.ToString(),
                context.Request.Headers.UserAgent.ToString());
        }
    }

    // A real server says 503 when it is not ready (docs: troubleshoot-metadata-server); clients ask again.
    private static async ValueTask<RequestOutcome> UnavailableAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        await Answer.ErrorAsync(
            context,
            ErrorPage.Unavailable,
            RequestTarget.Parse(raw).Path,
            "The claims document cannot be used; the server's log says why, and so does /status of the admin listener.");
        return new RequestOutcome(RequestOutcome.Unknown, NotLoaded);
    }
}
