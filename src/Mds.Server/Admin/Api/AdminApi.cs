using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mds.Server.Listeners;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Admin.Api;

/// <summary>
/// What a test wants to cause: <c>/admin/v1/</c> on the admin listener, JSON in and out. It changes what is served, so
/// it takes no request that a web page can make.
/// </summary>
/// <param name="resources">What there is.</param>
/// <param name="isOn">Whether it answers.</param>
/// <param name="logger">Takes a line for each change.</param>
internal sealed partial class AdminApi(IReadOnlyList<IApiResource> resources, bool isOn, ILogger<AdminApi> logger)
{
    /// <summary>Where it begins.</summary>
    public const string Root = "/admin/v1";

    private const long LongestBody = 64 * 1024 * 1024;

    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Whether a request is for the API.</summary>
    /// <param name="path">Its path.</param>
    public static bool Covers(string path) =>
        path.StartsWith(Root, StringComparison.Ordinal) && (path.Length == Root.Length || path[Root.Length] == '/');

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    public async Task HandleAsync(HttpContext context)
    {
        var answer = Refusal(context.Request) ?? await AnswerAsync(context);
        if (answer.Done is { } done)
        {
            Log.Changed(logger, done);
        }

        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        if (answer.Allow is not null)
        {
            headers.Allow = answer.Allow;
        }

        await context.AnswerAsync(
            answer.Status, "application/json", Encoding.UTF8.GetBytes(answer.Body!.ToJsonString(Readable) + "\n"));
    }

    private ApiAnswer? Refusal(HttpRequest request)
    {
        if (!isOn)
        {
            return ApiAnswer.Error(
                StatusCodes.Status403Forbidden,
                "The admin API is off: others than this machine may reach this listener. -adminApi switches it on.");
        }

        return PageGuard.Refuse(request) is { } reason ? ApiAnswer.Error(StatusCodes.Status403Forbidden, reason) : null;
    }

    private async Task<ApiAnswer> AnswerAsync(HttpContext context)
    {
        var segments = context.Request.Path.Value![Root.Length..].Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (segments.Length == 0)
        {
            return ApiAnswer.Ok(new JsonObject
            {
                ["resources"] = new JsonArray([.. resources.Select(resource => (JsonNode)$"{Root}/{resource.Name}")]),
            });
        }

        if (segments.Length > 2 || resources.FirstOrDefault(resource => resource.Name == segments[0]) is not { } named)
        {
            return ApiAnswer.NotFound(
                $"Nothing is here. There are {string.Join(", ", resources.Select(resource => $"{Root}/{resource.Name}"))}.");
        }

        try
        {
            // Claims may be as long as in a file, which metadata requests may not.
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = LongestBody;
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var method = HttpMethods.IsHead(context.Request.Method) ? HttpMethods.Get : context.Request.Method;
            return named.Answer(new ApiRequest(method, segments.ElementAtOrDefault(1), context.Request.Query, body.ToArray()));
        }
        catch (BadHttpRequestException exception)
        {
            return ApiAnswer.Error(exception.StatusCode, "The body is too long or ended too early.");
        }
    }
}
