using System.Text;

namespace Mds.Server.Listeners;

/// <summary>Answers of the listeners beside metadata's, whose headers nobody counts.</summary>
internal static class HttpContextExtensions
{
    /// <summary>Answers with a sentence for people.</summary>
    /// <param name="context">The request.</param>
    /// <param name="statusCode">The status.</param>
    /// <param name="sentence">The sentence, without a line's end.</param>
    public static Task AnswerAsync(this HttpContext context, int statusCode, string sentence) =>
        context.AnswerAsync(statusCode, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(sentence + "\n"));

    /// <summary>Answers with a body, which HEAD is only told the length of.</summary>
    /// <param name="context">The request.</param>
    /// <param name="statusCode">The status.</param>
    /// <param name="contentType">The media type of the body.</param>
    /// <param name="body">The body.</param>
    public static Task AnswerAsync(this HttpContext context, int statusCode, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(body).AsTask();
    }

    /// <summary>Answers that the path takes other methods.</summary>
    /// <param name="context">The request.</param>
    /// <param name="allowed">The methods, as the Allow header lists them.</param>
    public static Task AnswerNotAllowedAsync(this HttpContext context, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return context.AnswerAsync(StatusCodes.Status405MethodNotAllowed, $"{allowed} are answered here.");
    }

    /// <summary>Whether a request only reads.</summary>
    /// <param name="request">The request.</param>
    public static bool IsRead(this HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
}
