using System.Text;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>
/// What a request is answered: a value, which <see cref="ResponseWriter"/> and the fast lane put into the same bytes. It
/// holds the headers that differ from answer to answer; those of every answer are <see cref="StandardHeaders"/>.
/// </summary>
internal readonly record struct Answer
{
    /// <summary>The type of redirects and identity tokens: Ruby's library accepts no charset here.</summary>
    private const string HtmlType = ErrorPage.BareType;

    /// <summary>To a client that hung up: nobody reads it, and metrics count it.</summary>
    public static readonly Answer ClientClosed = new() { Status = StatusCodes.Status499ClientClosedRequest, ContentType = HtmlType };

    /// <summary>To a write: exactly 200 (google's osconfig takes no other for success), with nothing to say.</summary>
    public static readonly Answer Done = new() { Status = StatusCodes.Status200OK, ContentType = MetadataRendering.TextType };

    /// <summary>The HTTP status.</summary>
    public required int Status { get; init; }

    /// <summary>The media type.</summary>
    public required string ContentType { get; init; }

    /// <summary>The body, which HEAD is told the length of.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The header <c>ETag</c>, unquoted as the real server's.</summary>
    public string? ETag { get; init; }

    /// <summary>The header <c>Location</c>.</summary>
    public string? Location { get; init; }

    /// <summary>The header <c>Allow</c>.</summary>
    public string? Allow { get; init; }

    /// <summary>Whether the connection ends with this answer.</summary>
    public bool Closes { get; init; }

    /// <summary>The error that the body is the page of.</summary>
    public ErrorPage? Page { get; private init; }

    /// <summary>What the page says more than its kind.</summary>
    public string? Detail { get; private init; }

    /// <summary>Whether people may be shown the body: nothing in it can be a token, or more claims than one.</summary>
    public bool BodyMayBeShown { get; private init; }

    /// <summary>Headers in place of those that every answer has.</summary>
    public StandardHeaders? Headers { get; init; }

    /// <summary>A node of the tree.</summary>
    /// <param name="rendering">The node.</param>
    /// <param name="isRecursive">Whether it holds everything below the node.</param>
    public static Answer Node(in MetadataRendering rendering, bool isRecursive) => new()
    {
        Status = StatusCodes.Status200OK,
        ContentType = rendering.ContentType,
        ETag = rendering.ETag,
        Body = rendering.Body,
        BodyMayBeShown = !isRecursive,
    };

    /// <summary>JSON that was made for this request.</summary>
    public static Answer Json(ReadOnlyMemory<byte> json) => new()
    {
        Status = StatusCodes.Status200OK,
        ContentType = MetadataRendering.JsonType,
        Body = json,
    };

    /// <summary>Text of the bare type <c>text/html</c>, which the real server uses for more than HTML.</summary>
    public static Answer Text(string text) => new()
    {
        Status = StatusCodes.Status200OK,
        ContentType = HtmlType,
        Body = Encoding.UTF8.GetBytes(text),
    };

    /// <summary>An error: the only way to one, so that each has a page, which <see cref="Flavor.Dress"/> goes by.</summary>
    public static Answer Error(ErrorPage page, ReadOnlySpan<char> path, string? detail = null) => new()
    {
        Status = page.Status,
        ContentType = page.ContentType,
        Body = page.Render(path, detail),
        Closes = page.Closes,
        Page = page,
        Detail = detail,
        // Details may come from where tokens come from.
        BodyMayBeShown = detail is null,
    };

    /// <summary>To what cannot be read as a request; it ends the connection.</summary>
    /// <param name="status">
    /// HTTP's status for it. That of a version of HTTP that there is not is 505: never that, clients take it for the server's fault.
    /// </param>
    public static Answer Malformed(int status) =>
        Error(ErrorPage.Malformed(status < 500 ? status : StatusCodes.Status400BadRequest), path: "") with { Closes = true };

    /// <summary>To a method that a path does not have.</summary>
    public static Answer MethodNotAllowed(ReadOnlySpan<char> path, bool isWritable = false) =>
        Error(isWritable ? ErrorPage.MethodUnknown : ErrorPage.MethodNotAllowed, path) with
        {
            Allow = isWritable ? "GET, HEAD, PUT, DELETE" : "GET, HEAD",
        };

    /// <summary>
    /// The way to a directory that was asked for without its slash: an absolute address on the host that the client
    /// used, the query behind the slash; the new path as body (observed 2019-08).
    /// </summary>
    public static Answer Redirect(in MetadataRequest request)
    {
        var target = request.Target;
        var origin = request.Host.IsEmpty ? "" : $"{request.Scheme}://{request.Host}";
        var query = target.Query.IsEmpty ? "" : $"?{target.Query}";
        return Text($"{target.Path}/\n") with
        {
            Status = StatusCodes.Status301MovedPermanently,
            Location = $"{origin}{target.Path}/{query}",
            BodyMayBeShown = true,
        };
    }
}
