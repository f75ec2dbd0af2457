using System.Text;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>Answers the requests that write: PUT and DELETE of a guest attribute. Reading is the tree's business.</summary>
internal sealed class GuestAttributeAnswers(GuestAttributes attributes)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Says that guest attributes are switched off.</summary>
    public static Answer Disabled { get; } = Answer.Error(ErrorPage.GuestAttributesDisabled, "");

    /// <summary>Answers a request that wants to change something below <c>guest-attributes</c>.</summary>
    /// <param name="request">The request.</param>
    /// <param name="path">Its path, decoded.</param>
    public Reply Ask(in MetadataRequest request, string path)
    {
        var isPut = request.Method is "PUT";
        var outcome = new RequestOutcome(GuestAttributeName.Template);
        if (!isPut && request.Method is not "DELETE")
        {
            return new(
                outcome with { Refusal = Refusal.Method.Reason },
                Answer.MethodNotAllowed(request.Target.Path, isWritable: true));
        }

        if (!attributes.IsEnabled)
        {
            return new(outcome, Disabled);
        }

        if (GuestAttributeName.Of(path) is not { } name)
        {
            return new(outcome, Refuse(
                request.Target, "A guest attribute has a namespace and a key: guest-attributes/NAMESPACE/KEY."));
        }

        // Later, both: a fault that befalls the request is drawn first, and then nothing is written.
        return new(outcome, default, context => isPut ? PutAsync(context, name) : ValueTask.FromResult(Delete(context, name)));
    }

    private Answer Delete(HttpContext context, GuestAttributeName name) =>
        attributes.Delete(name) ? Answer.Done : Answer.Error(ErrorPage.NotFound, RequestTarget.Of(context).Path);

    private async ValueTask<Answer> PutAsync(HttpContext context, GuestAttributeName name)
    {
        try
        {
            return await RequestBody.ReadAsync(context.Request, GuestAttributes.MaximumSize, context.RequestAborted) is not { } bytes
                ? Refuse(context, $"The value is longer than {GuestAttributes.MaximumSize} bytes.")
                : attributes.Put(name, Strict.GetString(bytes)) ? Answer.Done
                : Refuse(context, $"All guest attributes together may be {GuestAttributes.MaximumCount} and take {GuestAttributes.MaximumSize} bytes. Delete others first.");
        }
        catch (DecoderFallbackException)
        {
            return Refuse(context, "The value is not text in UTF-8. Encode it, as in base64.");
        }
        catch (BadHttpRequestException)
        {
            return Refuse(context, "The body ended too early or its chunks are not well-formed.");
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return Answer.ClientClosed;
        }
    }

    private static Answer Refuse(HttpContext context, string detail) => Refuse(RequestTarget.Of(context), detail);

    private static Answer Refuse(in RequestTarget target, string detail) =>
        Answer.Error(ErrorPage.InvalidRequest, target.Path, detail);
}
