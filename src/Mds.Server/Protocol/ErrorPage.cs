using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace Mds.Server.Protocol;

/// <summary>
/// An error as the HTML page of a real metadata server: its title, its sentences and its length (observed 2023-02 and
/// 2025-03), in a dress of our own; or as the few words that it has for some.
/// </summary>
internal sealed class ErrorPage
{
    /// <summary>The type of the few words (observed 2025).</summary>
    public const string BareType = "text/html";

    /// <summary>A request without the required header (403, observed 2023-02: 1649 bytes for <c>/computeMetadata/v1/instance/name</c>).</summary>
    public static readonly ErrorPage MissingFlavor = new(
        StatusCodes.Status403Forbidden, "Forbidden",
        "Your client does not have permission to get URL <code>{0}</code> from this server. Missing Metadata-Flavor:Google header.",
        lengthWithoutPath: 1616,
        plain: "Missing required header \"Metadata-Flavor\": \"Google\"");

    /// <summary>A request that came through a proxy (403, docs: querying-metadata; the real page's sentence is not known).</summary>
    public static readonly ErrorPage Forwarded = new(
        StatusCodes.Status403Forbidden, "Forbidden",
        "Your client does not have permission to get URL <code>{0}</code> from this server. Requests with an X-Forwarded-For header are refused.");

    /// <summary>A request for a host that is none of this server's (403; ours alone).</summary>
    public static readonly ErrorPage OtherHost = new(
        StatusCodes.Status403Forbidden, "Forbidden",
        "Your client does not have permission to get URL <code>{0}</code> from this server. Its Host header names none of the hosts allowed here (allowedHosts).");

    /// <summary>An old version where <c>disable-legacy-endpoints</c> is set (403; both sentences as observed).</summary>
    public static readonly ErrorPage LegacyDisabled = new(
        StatusCodes.Status403Forbidden, "Forbidden",
        "Legacy metadata endpoint accessed: {0}\nLegacy metadata endpoints are disabled. Please use the /v1/ endpoint.");

    /// <summary>No such key (404, observed 2025-03: 1604 bytes for <c>/computeMetadata/v1/universe/universe_domain</c>).</summary>
    public static readonly ErrorPage NotFound = new(
        StatusCodes.Status404NotFound, "Not Found",
        "The requested URL <code>{0}</code> was not found on this server.",
        lengthWithoutPath: 1560);

    /// <summary>Something that was never configured (412, google-guest-agent's workload certificate refresher).</summary>
    public static readonly ErrorPage NotConfigured = new(
        StatusCodes.Status412PreconditionFailed, "Precondition Failed",
        "The URL <code>{0}</code> has nothing to tell: it was never configured.");

    /// <summary>Parameters that do not fit the path (400).</summary>
    public static readonly ErrorPage InvalidRequest = new(
        StatusCodes.Status400BadRequest, "Bad Request",
        "Invalid Request: the parameters sent do not fit the URL <code>{0}</code>.");

    /// <summary>A method other than GET and HEAD (405; the real answer is not known).</summary>
    public static readonly ErrorPage MethodNotAllowed = new(
        StatusCodes.Status405MethodNotAllowed, "Method Not Allowed",
        "The URL <code>{0}</code> can only be read: use GET.");

    /// <summary>The same for a guest attribute, which can be written.</summary>
    public static readonly ErrorPage MethodUnknown = new(
        StatusCodes.Status405MethodNotAllowed, "Method Not Allowed",
        "The URL <code>{0}</code> can be read and written: use GET, PUT or DELETE.");

    /// <summary>
    /// A token that cannot be had now (503). Never 4xx: clients stop refreshing for good after one of those
    /// (google-cloud-rust).
    /// </summary>
    public static readonly ErrorPage Unavailable = new(
        StatusCodes.Status503ServiceUnavailable, "Service Unavailable",
        "The URL <code>{0}</code> cannot be answered now.");

    /// <summary>A machine without a service account (404, observed 2025: 94 bytes, no newline, the end of the connection).</summary>
    public static readonly ErrorPage NoAccount = new(
        StatusCodes.Status404NotFound,
        """{"error":"invalid_request","error_description":"Service account not enabled on this instance"}""",
        closes: true,
        plain: "The Kubernetes service account is not annotated with a Google service account (iam.gke.io/gcp-service-account), "
            + "which identity tokens are for. See https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity");

    /// <summary>An identity token for nobody (400, go-fsimpl matches the sentence).</summary>
    public static readonly ErrorPage NoAudience = new(
        StatusCodes.Status400BadRequest, "non-empty audience parameter required\n", closes: false, plain: "non-empty audience parameter required");

    /// <summary>Guest attributes that are switched off (403, observed 2025-05).</summary>
    public static readonly ErrorPage GuestAttributesDisabled = new(
        StatusCodes.Status403Forbidden, "Guest attributes endpoint access is disabled.", closes: false, plain: "Forbidden");

    private static readonly ConcurrentDictionary<int, ErrorPage> Injected = new();
    private static readonly ConcurrentDictionary<int, ErrorPage> Unreadable = new();

    // GKE's words (observed 2020); where none are known, those of the status.
    private readonly string _plain;
    private readonly string _beforePath = "";
    private readonly string _afterPath = "";
    private readonly byte[]? _bare;

    private ErrorPage(int status, string text, bool closes, string plain)
    {
        (Status, ContentType, Closes, _plain) = (status, BareType, closes, plain);
        _bare = Encoding.UTF8.GetBytes(text);
    }

    private ErrorPage(int status, string reason, string sentence, int lengthWithoutPath = 0, string? plain = null)
    {
        // The 403 ends the connection, the 404 does not (observed 2023-02, 2025-03).
        (Status, ContentType, Closes) = (status, "text/html; charset=UTF-8", status == StatusCodes.Status403Forbidden);
        _plain = plain ?? reason;
        var html = Html(status, reason, sentence, lengthWithoutPath);
        var parts = html.Split("{0}");
        (_beforePath, _afterPath) = (parts[0], parts.ElementAtOrDefault(1) ?? "");
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The media type.</summary>
    public string ContentType { get; }

    /// <summary>Whether the connection ends with it.</summary>
    public bool Closes { get; }

    /// <summary>The page of a fault that somebody wanted to happen.</summary>
    /// <param name="status">Its status.</param>
    public static ErrorPage OfFault(int status) => Injected.GetOrAdd(
        status, static code => new ErrorPage(code, ReasonPhrases.GetReasonPhrase(code), "The URL <code>{0}</code> was befallen by a fault that the admin API injected."));

    /// <summary>The page of what cannot be read as a request; whatever path it has is not told.</summary>
    /// <param name="status">Its status.</param>
    public static ErrorPage Malformed(int status) => Unreadable.GetOrAdd(
        status, static code => new ErrorPage(code, ReasonPhrases.GetReasonPhrase(code), "Your client has sent what cannot be read as a request."));

    /// <summary>The page for one request.</summary>
    /// <param name="path">The path as it was sent.</param>
    /// <param name="detail">A sentence more; nothing secret.</param>
    public byte[] Render(ReadOnlySpan<char> path, string? detail = null)
    {
        if (_bare is not null)
        {
            return _bare;
        }

        var more = detail is null ? "" : $"<p>{WebUtility.HtmlEncode(detail)}\n";
        return Encoding.UTF8.GetBytes(string.Concat(_beforePath, WebUtility.HtmlEncode(path.ToString()), _afterPath, more));
    }

    /// <summary>The error as a line of text.</summary>
    /// <param name="detail">A sentence more; nothing secret.</param>
    public string PlainText(string? detail) => detail is null ? _plain + "\n" : $"{_plain}: {detail}\n";

    private static string Html(int status, string reason, string sentence, int lengthWithoutPath)
    {
        const string Comment = "/* The spaces before this give the page the length of the real server's. */\n";
        var natural = Html(status, reason, sentence, "");
        var spaces = lengthWithoutPath - (natural.Length - "{0}".Length) - Comment.Length;
        return spaces < 0 ? natural : Html(status, reason, sentence, new string(' ', spaces) + Comment);
    }

    private static string Html(int status, string reason, string sentence, string padding) => $$"""
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Error {{status}} ({{reason}})!!1</title>
        <style>
        body { margin: 12vh auto; max-width: 40rem; padding: 0 1rem; color: #333; background: #fff; font: 1rem/1.5 system-ui, sans-serif }
        h1 { margin: 0 0 1rem; font-size: 1.5rem; font-weight: 600 }
        code { padding: 0 .25rem; border-radius: .25rem; background: #eee; word-break: break-all }
        ins { color: #777; text-decoration: none }
        {{padding}}</style>
        </head>
        <body>
        <h1>{{status}}. <ins>That's an error.</ins></h1>
        <p>{{sentence}} <ins>That's all we know.</ins>

        """;
}
