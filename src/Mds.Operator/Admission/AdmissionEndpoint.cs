using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Operator.Admission;

/// <summary>
/// The webhook as the API server calls it: an <c>admission.k8s.io/v1 AdmissionReview</c> in, one out. Works on raw JSON
/// from end to end.
/// </summary>
internal sealed partial class AdmissionEndpoint(
    PodAdmission admission, AdmissionMetrics metrics, ShutdownDelay shutdown, TimeProvider time, ILogger<AdmissionEndpoint> logger)
{
    /// <summary>The path in the webhook configuration.</summary>
    public const string Path = "/mutate-pods";

    /// <summary>The longest review read. The API server takes objects of at most 3 MiB.</summary>
    public const int MaxBodyLength = 4 * 1024 * 1024;

    /// <summary>Answers one request.</summary>
    /// <param name="context">The request.</param>
    public async Task HandleAsync(HttpContext context)
    {
        if (shutdown.Started)
        {
            // The API server keeps connections open; without this it would go on using one to a replica that is leaving.
            context.Response.Headers.Connection = "close";
        }

        if (context.Request.Path != Path)
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"Nothing is served here but {Path}.");
            return;
        }

        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "Send an AdmissionReview with POST.");
            return;
        }

        var start = time.GetTimestamp();
        if (await ReadAsync(context) is not { } body)
        {
            await RefuseAsync(
                context, StatusCodes.Status413PayloadTooLarge, $"An AdmissionReview may be {MaxBodyLength} bytes long at most.");
            return;
        }

        var (request, problem) = AdmissionRequest.Parse(body.Span);
        if (request is null)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, problem);
            return;
        }

        var decision = await admission.DecideAsync(request, context.RequestAborted);
        metrics.Answered(decision.Reason, time.GetElapsedTime(start));
        if (decision.Allowed)
        {
            Log.Allowed(logger, request.Namespace, request.ObjectName, decision.Reason, decision.Sentence, request.DryRun);
        }
        else
        {
            Log.Refused(logger, request.Namespace, request.ObjectName, decision.Reason, decision.Sentence, request.DryRun);
        }

        await WriteAsync(context, decision.ToReview(request.Uid));
    }

    private async Task RefuseAsync(HttpContext context, int status, string sentence)
    {
        metrics.Malformed();
        Log.Malformed(logger, context.Request.Method, context.Request.Path, status, sentence);
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        await context.Response.WriteAsync($"{sentence}\n", context.RequestAborted);
    }

    private static async Task WriteAsync(HttpContext context, JsonObject review)
    {
        var json = System.Text.Encoding.UTF8.GetBytes(review.ToJsonString());
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    /// <summary>The whole body, or null if it is too long.</summary>
    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context)
    {
        // The limit is kept here, so that the answer is a sentence and not a broken connection.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        var body = new ArrayBufferWriter<byte>(Math.Clamp((int)(context.Request.ContentLength ?? 0), 16 * 1024, MaxBodyLength));
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(body.GetMemory(4096), context.RequestAborted);
            if (read == 0)
            {
                return body.WrittenMemory;
            }

            body.Advance(read);
            if (body.WrittenCount > MaxBodyLength)
            {
                return null;
            }
        }
    }
}
