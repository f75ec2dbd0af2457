using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mds.Credentials;
using Mds.Prometheus;
using Mds.Server.Admin.Api;
using Mds.Server.Issuer;
using Mds.Server.Reload;

namespace Mds.Server.Admin;

/// <summary>Answers on the admin listener.</summary>
/// <param name="state">What is served, and how it stands.</param>
/// <param name="readiness">Whether the server wants requests.</param>
/// <param name="metrics">Renders the metrics.</param>
/// <param name="metricsPath">Where they are.</param>
/// <param name="issuer">Answers what is about the local issuer.</param>
/// <param name="api">Answers what tests want to cause.</param>
internal sealed class AdminEndpoint(
    LiveState state, Readiness readiness, PrometheusExporter metrics, string metricsPath, IssuerEndpoint issuer, AdminApi api)
{
    private const string HealthPath = "/healthz";
    private const string ReadyPath = "/readyz";
    private const string StatusPath = "/status";
    private const string PlainText = "text/plain; charset=utf-8";
    private const string Json = "application/json";

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

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return AnswerAsync(context, StatusCodes.Status405MethodNotAllowed, PlainText, "Only GET is answered here.\n");
        }

        return path switch
        {
            HealthPath => AnswerAsync(context, StatusCodes.Status200OK, PlainText, "ok\n"),
            ReadyPath => Ready(context),
            StatusPath => AnswerAsync(
                context, StatusCodes.Status200OK, Json, JsonSerializer.SerializeToUtf8Bytes(state.Status, Readable.ServerStatus)),
            _ when path == metricsPath => AnswerAsync(context, StatusCodes.Status200OK, PrometheusExporter.ContentType, metrics.Render()),
            _ => AnswerAsync(context, StatusCodes.Status404NotFound, PlainText, NotFound()),
        };
    }

    private Task Ready(HttpContext context) => readiness.Obstacle is { } obstacle
        ? AnswerAsync(context, StatusCodes.Status503ServiceUnavailable, PlainText, obstacle + "\n")
        : AnswerAsync(context, StatusCodes.Status200OK, PlainText, "ok\n");

    private string NotFound() =>
        $"Nothing is here. Try {HealthPath}, {ReadyPath}, {StatusPath}, {metricsPath} or {AdminApi.Root}/; with a local issuer also {IssuerDocuments.DiscoveryPath}. "
        + "Metadata is on the other listener.\n";

    private static Task AnswerAsync(HttpContext context, int statusCode, string contentType, string body) =>
        AnswerAsync(context, statusCode, contentType, Encoding.UTF8.GetBytes(body));

    private static Task AnswerAsync(HttpContext context, int statusCode, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }
}
