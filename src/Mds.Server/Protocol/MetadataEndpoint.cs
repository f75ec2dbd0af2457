using System.Globalization;
using Mds.Credentials;
using Mds.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Protocol;

/// <summary>
/// The metadata server's side of a request: guard, look-up, answer. It knows no key: what a path answers is the node's
/// business, and tokens are the credential's.
/// </summary>
/// <param name="store">Holds the tree.</param>
/// <param name="guestAttributes">Takes what clients write.</param>
/// <param name="credentials">Answers the tree's token nodes.</param>
/// <param name="hosts">The hosts that requests may name.</param>
/// <param name="time">The clock that the remaining life of tokens is measured with.</param>
internal sealed class MetadataEndpoint(
    MetadataStore store, GuestAttributes guestAttributes, ICredentials credentials, AllowedHosts hosts, TimeProvider time)
{
    private readonly TokenAnswers _tokens = new(credentials, time);
    private readonly GuestAttributeAnswers _guestAttributes = new(guestAttributes);

    /// <summary>Answers a request.</summary>
    /// <returns>What became of it; its status is in the response.</returns>
    public ValueTask<RequestOutcome> HandleAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = RequestTarget.Parse(raw);
        var tree = store.Current;
        if (RequestGuard.Check(target.Path, context.Request.Headers, tree.LegacyEndpoints, hosts) is { } refusal)
        {
            return Finish(Answer.ErrorAsync(context, refusal.Page, target.Path), new(RequestOutcome.Unknown, refusal.Reason));
        }

        return HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)
            ? AnswerFrom(tree, context, raw, mayWait: true)
            : ChangeAsync(context, target);
    }

    /// <summary>Answers a request that wants to change something, which guest attributes alone let it.</summary>
    private ValueTask<RequestOutcome> ChangeAsync(HttpContext context, in RequestTarget target) =>
        target.DecodedPath() is { } path && GuestAttributeName.Covers(path)
            ? _guestAttributes.AnswerAsync(context, path, target.Path.ToString())
            : Finish(
                Answer.MethodNotAllowedAsync(context, target.Path),
                new(RequestOutcome.Unknown, Refusal.Method.Reason));

    private ValueTask<RequestOutcome> AnswerFrom(MetadataTree tree, HttpContext context, string raw, bool mayWait)
    {
        var target = RequestTarget.Parse(raw);
        if (Find(tree, target) is not { } node)
        {
            if (!tree.GuestAttributesEnabled && target.DecodedPath() is { } path && GuestAttributeName.Covers(path))
            {
                return Finish(GuestAttributeAnswers.DisabledAsync(context), new(GuestAttributeName.Template));
            }

            return Finish(Answer.ErrorAsync(context, ErrorPage.NotFound, target.Path), new(RequestOutcome.Unknown));
        }

        var outcome = new RequestOutcome(node.Template);
        if (node.Refusal is { } refusal)
        {
            return Finish(RefuseAsync(context, refusal, target), outcome);
        }

        if (node.IsDirectory && !target.Path.EndsWith('/'))
        {
            return Finish(Answer.RedirectAsync(context, target), outcome);
        }

        var query = new RequestQuery(target.Query);
        var recursive = query.Switch("recursive") == true;
        var waits = mayWait && query.Switch("wait_for_change") == true;
        if (node.Account is not null && !waits)
        {
            return Finish(_tokens.AnswerAsync(context, node, raw), outcome);
        }

        if (node.Query is not null && !waits)
        {
            return Finish(QueryAsync(context, node.Query, raw), outcome);
        }

        // Nothing can be waited for that has no content of its own (docs: querying-metadata).
        var canWait = node.ContentETag is not null && (recursive || !node.IsDirectory);
        if ((waits && !canWait) || Alt(query.Raw("alt")) is not { } alt)
        {
            return Finish(Answer.ErrorAsync(context, ErrorPage.InvalidRequest, target.Path), outcome);
        }

        return waits ? WaitAsync(context, raw, outcome)
            : node.Render(recursive, alt) is { } rendering ? Finish(Answer.NodeAsync(context, rendering), outcome)
            : Finish(Answer.ErrorAsync(context, ErrorPage.InvalidRequest, target.Path), outcome);
    }

    private static ValueTask QueryAsync(HttpContext context, MetadataQuery query, string raw) =>
        query(name => new RequestQuery(RequestTarget.Parse(raw).Query).Text(name)) is { } json
            ? Answer.JsonAsync(context, json)
            : Answer.ErrorAsync(context, ErrorPage.NotFound, RequestTarget.Parse(raw).Path);

    private static ValueTask RefuseAsync(HttpContext context, MetadataRefusal refusal, in RequestTarget target) => refusal switch
    {
        MetadataRefusal.GuestAttributesDisabled => GuestAttributeAnswers.DisabledAsync(context),
        _ => Answer.ErrorAsync(context, ErrorPage.NotConfigured, target.Path),
    };

    private async ValueTask<RequestOutcome> WaitAsync(HttpContext context, string raw, RequestOutcome outcome)
    {
        outcome = outcome with { Waited = true };
        try
        {
            if (await ChangedAsync(raw, context.RequestAborted) is { } tree)
            {
                await AnswerFrom(tree, context, raw, mayWait: false);
            }
            else
            {
                await Answer.ErrorAsync(
                    context, ErrorPage.Unavailable, RequestTarget.Parse(raw).Path, "The server is stopping; ask again.");
            }
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }

        return outcome;
    }

    private Task<MetadataTree?> ChangedAsync(string raw, CancellationToken cancellationToken)
    {
        var target = RequestTarget.Parse(raw);
        var query = new RequestQuery(target.Query);
        // Clients begin with "0", "NONE" or nothing, which no ETag is equal to; only one that is not sent waits.
        return store.WaitAsync(
            target.DecodedPath()!,
            query.TryGet("last_etag", out _) ? query.Text("last_etag") : null,
            Seconds(query.Raw("timeout_sec")),
            cancellationToken);
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

    private static ValueTask<RequestOutcome> Finish(ValueTask written, RequestOutcome outcome) =>
        written.IsCompletedSuccessfully ? new(outcome) : AwaitAsync(written, outcome);

    private static async ValueTask<RequestOutcome> AwaitAsync(ValueTask written, RequestOutcome outcome)
    {
        await written;
        return outcome;
    }
}
