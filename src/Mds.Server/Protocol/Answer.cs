using System.IO.Pipelines;
using System.Text;
using Mds.Metadata;
using Microsoft.Extensions.Primitives;

namespace Mds.Server.Protocol;

/// <summary>
/// Writes responses: the headers of a real Compute Engine server, each once and in its spelling (observed 2019-11 to
/// 2025-03), and always a Content-Length (Google.Api.Gax refuses chunks).
/// </summary>
internal static class Answer
{
    /// <summary>The type of errors (observed 2023-02).</summary>
    private static readonly StringValues ErrorType = "text/html; charset=UTF-8";

    /// <summary>The type of redirects, identity tokens and short error texts: Ruby's library accepts no charset here.</summary>
    private static readonly StringValues HtmlType = "text/html";

    private static readonly StringValues JsonType = "application/json";
    private static readonly StringValues Flavor = "Google";
    private static readonly StringValues ServerName = "Metadata Server for VM";
    private static readonly StringValues XssProtection = "0";
    private static readonly StringValues FrameOptions = "SAMEORIGIN";
    private static readonly StringValues Close = "close";
    private static readonly StringValues Readable = "GET, HEAD";
    private static readonly StringValues Writable = "GET, HEAD, PUT, DELETE";

    /// <summary>A node of the tree.</summary>
    public static ValueTask NodeAsync(HttpContext context, in MetadataRendering rendering)
    {
        if (rendering.ETag is not null)
        {
            context.Response.Headers.ETag = rendering.ETag;
        }

        return WriteAsync(context, StatusCodes.Status200OK, rendering.ContentType, rendering.Body);
    }

    /// <summary>JSON that was made for this request.</summary>
    public static ValueTask JsonAsync(HttpContext context, ReadOnlyMemory<byte> json) =>
        WriteAsync(context, StatusCodes.Status200OK, JsonType, json);

    /// <summary>Text of the bare type <c>text/html</c>, which the real server uses for more than HTML.</summary>
    public static ValueTask TextAsync(HttpContext context, int status, string text, bool close = false)
    {
        if (close)
        {
            context.Response.Headers.Connection = Close;
        }

        return WriteAsync(context, status, HtmlType, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>An error page.</summary>
    public static ValueTask ErrorAsync(HttpContext context, ErrorPage page, ReadOnlySpan<char> path, string? detail = null)
    {
        // The 403 closes the connection, the 404 does not (observed 2023-02, 2025-03).
        if (page.Status == StatusCodes.Status403Forbidden)
        {
            context.Response.Headers.Connection = Close;
        }

        return WriteAsync(context, page.Status, ErrorType, page.Render(path, detail));
    }

    /// <summary>The answer to a method that a path does not have.</summary>
    public static ValueTask MethodNotAllowedAsync(HttpContext context, ReadOnlySpan<char> path, bool isWritable = false)
    {
        context.Response.Headers.Allow = isWritable ? Writable : Readable;
        return ErrorAsync(context, isWritable ? ErrorPage.MethodUnknown : ErrorPage.MethodNotAllowed, path);
    }

    /// <summary>The answer to a write: exactly 200 (google's osconfig takes no other for success), with nothing to say.</summary>
    public static ValueTask DoneAsync(HttpContext context) =>
        WriteAsync(context, StatusCodes.Status200OK, MetadataRendering.TextType, default);

    /// <summary>
    /// The way to a directory that was asked for without its slash: an absolute address on the host that the client
    /// used, the query behind the slash; the new path as body (observed 2019-08).
    /// </summary>
    public static ValueTask RedirectAsync(HttpContext context, in RequestTarget target)
    {
        var host = context.Request.Headers.Host;
        var origin = StringValues.IsNullOrEmpty(host) ? "" : $"{context.Request.Scheme}://{host}";
        var query = target.Query.IsEmpty ? "" : $"?{target.Query}";
        context.Response.Headers.Location = $"{origin}{target.Path}/{query}";
        return WriteAsync(
            context, StatusCodes.Status301MovedPermanently, HtmlType, Encoding.UTF8.GetBytes($"{target.Path}/\n"));
    }

    private static ValueTask WriteAsync(HttpContext context, int status, StringValues contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        var headers = response.Headers;
        response.StatusCode = status;
        headers["Metadata-Flavor"] = Flavor;
        headers.ContentType = contentType;
        headers.Server = ServerName;
        headers.XXSSProtection = XssProtection;
        headers.XFrameOptions = FrameOptions;
        headers.ContentLength = body.Length;
        if (body.IsEmpty || HttpMethods.IsHead(context.Request.Method))
        {
            return default;
        }

        var written = response.BodyWriter.WriteAsync(body, context.RequestAborted);
        return written.IsCompletedSuccessfully ? default : AwaitAsync(written);
    }

    private static async ValueTask AwaitAsync(ValueTask<FlushResult> written) => await written;
}
