using System.Net;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

/// <summary>
/// The API server answered a request with an error. An <see cref="HttpRequestException"/> that is not of this type
/// means that no answer came at all.
/// </summary>
public sealed class KubeApiException : HttpRequestException
{
    private KubeApiException(string message, int code, JsonObject? status, TimeSpan? retryAfter)
        : base(message, inner: null, (HttpStatusCode)code)
    {
        Code = code;
        Status = status;
        RetryAfter = retryAfter;
    }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; }

    /// <summary>The <c>v1 Status</c> object the server sent, or null when it sent something else.</summary>
    public JsonObject? Status { get; }

    /// <summary>How long the server asked to wait before the next attempt.</summary>
    public TimeSpan? RetryAfter { get; }

    /// <summary>The machine-readable reason of the status, such as <c>NotFound</c>; empty when there is none.</summary>
    public string Reason => Text(Status, "reason");

    /// <summary>The status's <c>details</c>: the object concerned and the causes, such as the conflicting fields.</summary>
    public JsonObject? Details => Status?["details"] as JsonObject;

    /// <summary>The object, its type or its namespace does not exist.</summary>
    public bool IsNotFound => Code == 404;

    /// <summary>
    /// The write lost against another one: an outdated <c>resourceVersion</c>, a failed precondition, or a field another
    /// manager owns. Creating what exists is <see cref="IsAlreadyExists"/> instead.
    /// </summary>
    public bool IsConflict => Code == 409 && Reason != "AlreadyExists";

    /// <summary>An object of this name exists already.</summary>
    public bool IsAlreadyExists => Code == 409 && Reason == "AlreadyExists";

    /// <summary>The resource version or continue token is too old: list again.</summary>
    public bool IsGone => Code == 410;

    /// <summary>The object breaks a rule of its type.</summary>
    public bool IsInvalid => Code == 422;

    /// <summary>The caller may not do this.</summary>
    public bool IsForbidden => Code == 403;

    /// <summary>Makes the exception from an answer.</summary>
    /// <param name="request">What was asked, such as <c>GET /api/v1/pods</c>.</param>
    /// <param name="code">The HTTP status code.</param>
    /// <param name="body">The answer's body; a <c>v1 Status</c> as a rule.</param>
    /// <param name="retryAfter">The answer's <c>Retry-After</c>.</param>
    internal static KubeApiException FromResponse(string request, int code, string body, TimeSpan? retryAfter = null)
    {
        var status = KubeJson.TryParseObject(body);
        if (Text(status, "kind") != "Status")
        {
            status = null;
        }

        var message = Text(status, "message");
        if (message.Length == 0)
        {
            // What is not a Status comes from something between us and the API server, often as a page.
            message = body.Length > 200 ? string.Concat(body.AsSpan(0, 200), "…") : body.Trim();
        }

        return new KubeApiException(
            $"{request} was answered with {code}{(message.Length == 0 ? "." : $": {message}")}", code, status, retryAfter);
    }

    /// <summary>Makes the exception from the object of a watch's <c>ERROR</c> event.</summary>
    /// <param name="request">The watch, such as <c>GET /api/v1/pods</c>.</param>
    /// <param name="status">The <c>v1 Status</c> that the event carries.</param>
    internal static KubeApiException FromWatchError(string request, JsonObject status)
    {
        var code = status["code"] is JsonValue value && value.TryGetValue(out int number) ? number : 500;
        return new KubeApiException(
            $"{request} was ended by the server with {code}: {Text(status, "message")}", code, status, retryAfter: null);
    }

    private static string Text(JsonObject? status, string key) =>
        status?[key] is JsonValue value && value.TryGetValue(out string? text) ? text : "";
}
