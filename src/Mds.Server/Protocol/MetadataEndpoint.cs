using System.Globalization;
using Mds.Credentials;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>
/// The metadata server's side of a request, as a function from requests to answers: guard, look-up, answer. It knows no
/// key: what a path answers is the node's business, and tokens are the credential's.
/// </summary>
/// <param name="store">Holds the tree.</param>
/// <param name="guestAttributes">Takes what clients write.</param>
/// <param name="credentials">Answers the tree's token nodes.</param>
/// <param name="hosts">The hosts that requests may name.</param>
/// <param name="flavor">Whose manners the server has.</param>
/// <param name="time">The clock that the remaining life of tokens is measured with.</param>
internal sealed class MetadataEndpoint(
    MetadataStore store, GuestAttributes guestAttributes, ICredentials credentials, AllowedHosts hosts, Flavor flavor, TimeProvider time)
{
    private readonly TokenAnswers _tokens = new(credentials, time);
    private readonly GuestAttributeAnswers _guestAttributes = new(guestAttributes);

    /// <summary>Whether there is anything to answer.</summary>
    public Func<bool> HasClaims { get; init; } = static () => true;

    /// <summary>Answers a request, or says who will.</summary>
    /// <param name="request">The request.</param>
    public Reply Ask(in MetadataRequest request)
    {
        var tree = store.Current;
        if (RequestGuard.Check(request, tree.LegacyEndpoints, hosts, flavor.GuardsRoot) is { } refusal)
        {
            return new(new(RequestOutcome.Unknown, refusal.Reason), Answer.Error(refusal.Page, request.Target.Path));
        }

        if (!HasClaims())
        {
            return NotLoaded(request);
        }

        return request.Reads ? AskFrom(tree, request, mayWait: true) : AskToChange(tree, request);
    }

    // A real server says 503 when it is not ready (docs: troubleshoot-metadata-server); clients ask again.
    private static Reply NotLoaded(in MetadataRequest request) =>
        new(
            new RequestOutcome(RequestOutcome.Unknown, "not-loaded"),
            Answer.Error(
                ErrorPage.Unavailable,
                request.Target.Path,
                "The claims document cannot be used; the server's log says why, and so does /status of the admin listener."));

    /// <summary>Answers a request that wants more than to read, which guest attributes and OS Login's sessions alone let it.</summary>
    private Reply AskToChange(MetadataTree tree, in MetadataRequest request)
    {
        if (tree.HasGuestAttributes && request.Target.DecodedPath() is { } path)
        {
            if (GuestAttributeName.Covers(path))
            {
                return _guestAttributes.Ask(request, path);
            }

            if (request.Method is "POST" && OsLoginSessions.Covers(path))
            {
                return OsLoginSessionAnswers.Ask(tree, request, path);
            }
        }

        return new(
            new(RequestOutcome.Unknown, Refusal.Method.Reason), Answer.MethodNotAllowed(request.Target.Path));
    }

    private Reply AskFrom(MetadataTree tree, in MetadataRequest request, bool mayWait)
    {
        var target = request.Target;
        if (Find(tree, target) is not { } node)
        {
            return tree.HasGuestAttributes && !tree.GuestAttributesEnabled && target.DecodedPath() is { } path && GuestAttributeName.Covers(path)
                ? new(new(GuestAttributeName.Template), GuestAttributeAnswers.Disabled)
                : new(new(RequestOutcome.Unknown), Answer.Error(ErrorPage.NotFound, target.Path));
        }

        var outcome = new RequestOutcome(node.Template);
        if (node.Refusal is { } refusal)
        {
            return new(outcome, Refuse(refusal, target));
        }

        if (node.IsDirectory && !target.Path.EndsWith('/'))
        {
            return new(outcome, Answer.Redirect(request));
        }

        var query = new RequestQuery(target.Query);
        var recursive = query.Switch("recursive") == true;
        var waits = mayWait && query.Switch("wait_for_change") == true;
        if (node.Account is not null && !waits)
        {
            return _tokens.Ask(target, node, outcome);
        }

        if (node.Query is not null && !waits)
        {
            return AnswerQueryLater(outcome, node.Query);
        }

        // Nothing can be waited for that has no content of its own (docs: querying-metadata).
        var canWait = node.ContentETag is not null && (recursive || !node.IsDirectory);
        if ((waits && !canWait) || Alt(query.Raw("alt")) is not { } alt)
        {
            return new(outcome, Answer.Error(ErrorPage.InvalidRequest, target.Path));
        }

        return waits ? new(outcome with { Waited = true }, default, WaitAsync)
            : node.HasRendering(recursive, alt) ? new(outcome, Rendered(node, recursive, alt, target))
            : RenderLater(outcome, node, recursive, alt);
    }

    // What these two capture would cost memory in every request, were they not methods of their own.

    /// <summary>As many users and groups as there are may be looked through.</summary>
    private static Reply AnswerQueryLater(in RequestOutcome outcome, MetadataQuery ask) =>
        new(outcome, default, context => ValueTask.FromResult(AnswerQuery(ask, RequestTarget.Of(context))));

    private static Reply RenderLater(in RequestOutcome outcome, MetadataNode node, bool recursive, MetadataAlt alt) =>
        new(outcome, default, context => ValueTask.FromResult(Rendered(node, recursive, alt, RequestTarget.Of(context))));

    private static Answer Rendered(MetadataNode node, bool recursive, MetadataAlt alt, in RequestTarget target) =>
        node.Render(recursive, alt) is { } rendering
            ? Answer.Node(rendering, recursive && node.IsDirectory)
            : Answer.Error(ErrorPage.InvalidRequest, target.Path);

    private static Answer AnswerQuery(MetadataQuery ask, in RequestTarget target)
    {
        var query = target.Query.ToString();
        return ask(name => new RequestQuery(query).Text(name)) is { } json
            ? Answer.Json(json)
            : Answer.Error(ErrorPage.NotFound, target.Path);
    }

    private static Answer Refuse(MetadataRefusal refusal, in RequestTarget target) => refusal switch
    {
        MetadataRefusal.GuestAttributesDisabled => GuestAttributeAnswers.Disabled,
        _ => Answer.Error(ErrorPage.NotConfigured, target.Path),
    };

    private async ValueTask<Answer> WaitAsync(HttpContext context)
    {
        try
        {
            if (await ChangedAsync(context) is not { } tree)
            {
                return Answer.Error(ErrorPage.Unavailable, RequestTarget.Of(context).Path, "The server is stopping; ask again.");
            }

            var reply = AskFrom(tree, MetadataRequest.Of(context), mayWait: false);
            return reply.Later is { } later ? await later(context) : reply.Answer;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Answer.ClientClosed;
        }
    }

    private Task<MetadataTree?> ChangedAsync(HttpContext context)
    {
        var target = RequestTarget.Of(context);
        var query = new RequestQuery(target.Query);
        // Clients begin with "0", "NONE" or nothing, which no ETag is equal to; only one that is not sent waits.
        return store.WaitAsync(
            target.DecodedPath()!,
            query.TryGet("last_etag", out _) ? query.Text("last_etag") : null,
            Seconds(query.Raw("timeout_sec")),
            context.RequestAborted);
    }

    /// <summary>A number of seconds; <see langword="null"/>, no limit, for what is none (as Google's emulator of 2016 does).</summary>
    private static TimeSpan? Seconds(ReadOnlySpan<char> value) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var seconds)
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static MetadataNode? Find(MetadataTree tree, in RequestTarget target) =>
        !target.Path.Contains('%') ? tree.Find(target.Path)
        : target.DecodedPath() is { } path ? tree.Find(path)
        : null;

    private static MetadataAlt? Alt(ReadOnlySpan<char> value) => value switch
    {
        "" => MetadataAlt.Default,
        "json" => MetadataAlt.Json,
        "text" => MetadataAlt.Text,
        _ => null,
    };
}
