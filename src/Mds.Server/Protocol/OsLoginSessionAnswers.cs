using System.Text.Json;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>Answers the requests by which guest-oslogin asks for second factors.</summary>
internal static class OsLoginSessionAnswers
{
    private const int LongestBody = 16 * 1024;

    /// <summary>Answers a POST to one of the paths of sessions.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="request">The request.</param>
    /// <param name="path">Its path, decoded.</param>
    public static Reply Ask(MetadataTree tree, in MetadataRequest request, string path)
    {
        var outcome = new RequestOutcome(OsLoginSessions.Template);
        return tree.OsLoginSessions is { } sessions
            ? new(outcome, default, context => AskAsync(context, sessions, path))
            : new(outcome, Answer.Error(ErrorPage.NotFound, request.Target.Path));
    }

    private static async ValueTask<Answer> AskAsync(HttpContext context, OsLoginSessions sessions, string path)
    {
        try
        {
            if (await RequestBody.ReadAsync(context.Request, LongestBody, context.RequestAborted) is not { } body)
            {
                return Refuse(context);
            }

            using var question = JsonDocument.Parse(body);
            return question.RootElement.ValueKind != JsonValueKind.Object ? Refuse(context)
                : sessions.Answer(path, question.RootElement) is { } json ? Answer.Json(json)
                : Answer.Error(ErrorPage.NotFound, RequestTarget.Of(context).Path);
        }
        // Text that is no Unicode is found where it is read.
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or BadHttpRequestException)
        {
            return Refuse(context);
        }
        catch (Exception exception) when (exception is OperationCanceledException or IOException)
        {
            return Answer.ClientClosed;
        }
    }

    private static Answer Refuse(HttpContext context) => Answer.Error(
        ErrorPage.InvalidRequest, RequestTarget.Of(context).Path, "The body is no JSON object of a few kilobytes, as guest-oslogin sends.");
}
