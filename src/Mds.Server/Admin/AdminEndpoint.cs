using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mds.Credentials;
using Mds.Prometheus;
using Mds.Server.Admin.Api;
using Mds.Server.Issuer;
using Mds.Server.Listeners;
using Mds.Server.Reload;

namespace Mds.Server.Admin;

/// <summary>Answers on the admin listener.</summary>
/// <param name="state">What is served, and how it stands.</param>
/// <param name="readiness">Whether the server wants requests.</param>
/// <param name="metrics">Renders the metrics.</param>
/// <param name="metricsPath">Where they are.</param>
/// <param name="issuer">Answers what is about the local issuer.</param>
/// <param name="api">Answers what tests want to cause.</param>
/// <param name="isOfThisMachine">
/// Whether only this machine reaches the listener: then nobody but a web page calls it by a name of its own. In a cluster,
/// Prometheus may use the name of a Service.
/// </param>
internal sealed class AdminEndpoint(
    LiveState state, Readiness readiness, PrometheusExporter metrics, string metricsPath, IssuerEndpoint issuer, AdminApi api, bool isOfThisMachine)
{
    private const string HealthPath = "/healthz";
    private const string ReadyPath = "/readyz";
    private const string StatusPath = "/status";

    // Quotes in sentences stay quotes: people read /status too.
    private static readonly StatusJson Readable = new(
        new JsonSerializerOptions(StatusJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>The paths that are always what they are, so that the metrics cannot be there.</summary>
    public static IReadOnlyList<string> OwnPaths { get; } =
        [HealthPath, ReadyPath, StatusPath, .. IssuerEndpoint.Paths];

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    public Task HandleAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "/";
        if (AdminApi.Covers(path))
        {
            return api.HandleAsync(context);
        }

        if (issuer.Find(context) is { } answered)
        {
            return answered;
        }

        // What verifies tokens is public, and asked for by the name that the issuer has; /healthz tells nothing.
        if (isOfThisMachine && path != HealthPath && PageGuard.Refuse(context.Request) is { } reason)
        {
            return context.AnswerAsync(StatusCodes.Status403Forbidden, reason);
        }

        if (!context.Request.IsRead())
        {
            return context.AnswerNotAllowedAsync("GET, HEAD");
        }

        return path switch
        {
            HealthPath => context.AnswerAsync(StatusCodes.Status200OK, "ok"),
            ReadyPath => Ready(context),
            StatusPath => context.AnswerAsync(
                StatusCodes.Status200OK, "application/json", JsonSerializer.SerializeToUtf8Bytes(state.Status, Readable.ServerStatus)),
            _ when path == metricsPath => context.AnswerAsync(StatusCodes.Status200OK, PrometheusExporter.ContentType, Encoding.UTF8.GetBytes(metrics.Render())),
            _ => context.AnswerAsync(StatusCodes.Status404NotFound, NotFound()),
        };
    }

    private Task Ready(HttpContext context) => readiness.Obstacle is { } obstacle
        ? context.AnswerAsync(StatusCodes.Status503ServiceUnavailable, obstacle)
        : context.AnswerAsync(StatusCodes.Status200OK, readiness.Reservation is { } reservation ? $"ok\n{reservation}" : "ok");

    private string NotFound() =>
        $"Nothing is here. Try {HealthPath}, {ReadyPath}, {StatusPath}, {metricsPath} or {AdminApi.Root}/; with a local issuer also {IssuerDocuments.DiscoveryPath}. "
        + "Metadata is on the other listener.";
}
