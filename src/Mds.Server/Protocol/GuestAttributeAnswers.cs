using System.IO.Pipelines;
using System.Text;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>Answers the requests that write: PUT and DELETE of a guest attribute. Reading is the tree's business.</summary>
internal sealed class GuestAttributeAnswers(GuestAttributes attributes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Says that guest attributes are switched off (observed 2025-05).</summary>
    public static ValueTask DisabledAsync(HttpContext context) =>
        Answer.TextAsync(context, StatusCodes.Status403Forbidden, "Guest attributes endpoint access is disabled.");

    /// <summary>Answers a request that wants to change something below <c>guest-attributes</c>.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">Its path, decoded.</param>
    /// <param name="sentPath">Its path as it was sent.</param>
    public async ValueTask<RequestOutcome> AnswerAsync(HttpContext context, string path, string sentPath)
    {
        var outcome = new RequestOutcome(GuestAttributeName.Template);
        var isPut = HttpMethods.IsPut(context.Request.Method);
        if (!isPut && !HttpMethods.IsDelete(context.Request.Method))
        {
            await Answer.MethodNotAllowedAsync(context, sentPath, isWritable: true);
            return new RequestOutcome(GuestAttributeName.Template, Refusal.Method.Reason);
        }

        if (!attributes.IsEnabled)
        {
            await DisabledAsync(context);
        }
        else if (GuestAttributeName.Of(path) is not { } name)
        {
            await RefuseAsync(context, sentPath, "A guest attribute has a namespace and a key: guest-attributes/NAMESPACE/KEY.");
        }
        else if (isPut)
        {
            await PutAsync(context, sentPath, name);
        }
        else if (attributes.Delete(name))
        {
            await Answer.DoneAsync(context);
        }
        else
        {
            await Answer.ErrorAsync(context, ErrorPage.NotFound, sentPath);
        }

        return outcome;
    }

    private async ValueTask PutAsync(HttpContext context, string sentPath, GuestAttributeName name)
    {
        try
        {
            if (await ReadAsync(context.Request, context.RequestAborted) is not { } bytes)
            {
                await RefuseAsync(context, sentPath, $"The value is longer than {GuestAttributes.MaximumSize} bytes.");
            }
            else if (attributes.Put(name, Strict.GetString(bytes)))
            {
                await Answer.DoneAsync(context);
            }
            else
            {
                await RefuseAsync(
                    context, sentPath, $"All guest attributes together may take {GuestAttributes.MaximumSize} bytes. Delete others first.");
            }
        }
        catch (DecoderFallbackException)
        {
            await RefuseAsync(context, sentPath, "The value is not text in UTF-8. Encode it, as in base64.");
        }
        catch (BadHttpRequestException)
        {
            await RefuseAsync(context, sentPath, "The body ended too early or its chunks are not well-formed.");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
    }

    /// <summary>The body, whatever its type says: clients send forms, JSON and nothing (Google's cloud-image-tests do each).</summary>
    /// <returns><see langword="null"/> when it is longer than any value may be.</returns>
    private static async ValueTask<byte[]?> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > GuestAttributes.MaximumSize)
        {
            return null;
        }

        using var body = new MemoryStream();
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(cancellationToken);
            foreach (var segment in read.Buffer)
            {
                body.Write(segment.Span);
            }

            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (body.Length > GuestAttributes.MaximumSize)
            {
                return null;
            }

            if (read.IsCompleted)
            {
                return body.ToArray();
            }
        }
    }

    private static ValueTask RefuseAsync(HttpContext context, string sentPath, string detail) =>
        Answer.ErrorAsync(context, ErrorPage.InvalidRequest, sentPath, detail);
}
