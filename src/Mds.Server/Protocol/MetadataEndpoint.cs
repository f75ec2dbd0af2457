using Mds.Credentials;
using Mds.Metadata;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Protocol;

/// <summary>
/// The metadata server's side of a request: guard, look-up, answer. It knows no key: what a path answers is the node's
/// business, and tokens are the credential's.
/// </summary>
/// <param name="store">Holds the tree.</param>
/// <param name="credentials">Answers the tree's token nodes.</param>
/// <param name="time">The clock that the remaining life of tokens is measured with.</param>
internal sealed class MetadataEndpoint(MetadataStore store, ICredentials credentials, TimeProvider time)
{
    private readonly TokenAnswers _tokens = new(credentials, time);

    /// <summary>Answers a request.</summary>
    /// <returns>What became of it; its status is in the response.</returns>
    public ValueTask<RequestOutcome> HandleAsync(HttpContext context)
    {
        var raw = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = RequestTarget.Parse(raw);
        if (RequestGuard.Check(context.Request.Method, target.Path, context.Request.Headers) is { } refusal)
        {
            return Finish(Answer.ErrorAsync(context, refusal.Page, target.Path), new(RequestOutcome.Unknown, refusal.Reason));
        }

        if (Find(target) is not { } node)
        {
            return Finish(Answer.ErrorAsync(context, ErrorPage.NotFound, target.Path), new(RequestOutcome.Unknown));
        }

        var outcome = new RequestOutcome(node.Template);
        if (node.IsDirectory && !target.Path.EndsWith('/'))
        {
            return Finish(Answer.RedirectAsync(context, target), outcome);
        }

        var query = new RequestQuery(target.Query);
        var recursive = query.Switch("recursive") == true;
        if (node.Account is not null)
        {
            return query.Switch("wait_for_change") == true
                ? Finish(Answer.ErrorAsync(context, ErrorPage.InvalidRequest, target.Path), outcome)
                : Finish(_tokens.AnswerAsync(context, node, raw), outcome);
        }

        // Nothing can be waited for that has no content of its own (docs: querying-metadata).
        var waitsForListing = query.Switch("wait_for_change") == true && node.IsDirectory && !recursive;
        return !waitsForListing && Alt(query.Raw("alt")) is { } alt && node.Render(recursive, alt) is { } rendering
            ? Finish(Answer.NodeAsync(context, rendering), outcome)
            : Finish(Answer.ErrorAsync(context, ErrorPage.InvalidRequest, target.Path), outcome);
    }

    private MetadataNode? Find(in RequestTarget target) =>
        !target.Path.Contains('%') ? store.Current.Find(target.Path)
        : target.DecodedPath() is { } path ? store.Current.Find(path)
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
