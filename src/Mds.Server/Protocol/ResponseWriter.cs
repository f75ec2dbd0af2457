using System.IO.Pipelines;
using Microsoft.Extensions.Primitives;

namespace Mds.Server.Protocol;

/// <summary>
/// Writes answers through Kestrel's HTTP: each header once and in the spelling of the real server, and always a
/// Content-Length (Google.Api.Gax refuses chunks).
/// </summary>
/// <param name="standard">The headers of every answer.</param>
internal sealed class ResponseWriter(StandardHeaders standard)
{
    private static readonly StringValues Close = "close";

    private readonly KeyValuePair<string, string>[] _standard = [.. standard.Fields];

    /// <summary>Writes an answer.</summary>
    /// <param name="context">The request that it answers.</param>
    /// <param name="answer">The answer.</param>
    public Task WriteAsync(HttpContext context, in Answer answer)
    {
        var response = context.Response;
        WriteHead(response, answer);
        if (answer.Body.IsEmpty || HttpMethods.IsHead(context.Request.Method))
        {
            return Task.CompletedTask;
        }

        var written = response.BodyWriter.WriteAsync(answer.Body, context.RequestAborted);
        return written.IsCompletedSuccessfully ? Task.CompletedTask : AwaitAsync(written);
    }

    /// <summary>Writes the status and the headers of an answer.</summary>
    /// <param name="response">Where to.</param>
    /// <param name="answer">The answer.</param>
    public void WriteHead(HttpResponse response, in Answer answer)
    {
        var headers = response.Headers;
        response.StatusCode = answer.Status;
        if (answer.Closes)
        {
            headers.Connection = Close;
        }

        if (answer.ETag is not null)
        {
            headers.ETag = answer.ETag;
        }

        if (answer.Location is not null)
        {
            headers.Location = answer.Location;
        }

        if (answer.Allow is not null)
        {
            headers.Allow = answer.Allow;
        }

        headers.ContentType = answer.ContentType;
        foreach (var (name, value) in answer.Headers is { } others ? [.. others.Fields] : _standard)
        {
            headers[name] = value;
        }

        headers.ContentLength = answer.Body.Length;
    }

    private static async Task AwaitAsync(ValueTask<FlushResult> written) => await written;
}
