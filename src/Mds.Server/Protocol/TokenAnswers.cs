using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mds.Credentials;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>Answers the leaves that hold tokens, from the credential of their account.</summary>
internal sealed class TokenAnswers(ICredentials credentials, TimeProvider time)
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private volatile RenderedToken? _latest;

    /// <summary>Answers a request for a token, at once where one is held.</summary>
    /// <param name="target">The target of the request.</param>
    /// <param name="node">A node that has an account.</param>
    /// <param name="outcome">What metrics and logs call the request.</param>
    public Reply Ask(in RequestTarget target, MetadataNode node, RequestOutcome outcome)
    {
        var cache = Find(node.Account!);
        return node.Kind == MetadataNodeKind.AccessToken
            ? AskAccessToken(target, cache, node.Account!, outcome)
            : AskIdentityToken(target, cache, node.Account!, outcome);
    }

    private Reply AskAccessToken(in RequestTarget target, TokenCache? cache, MetadataAccount account, RequestOutcome outcome)
    {
        if (cache is null)
        {
            return new(outcome, Answer.Error(ErrorPage.NotFound, target.Path));
        }

        var requested = RequestedScopes.Of(new RequestQuery(target.Query), account);
        if (requested.Refusal is { } reason)
        {
            return new(outcome, Answer.Error(ErrorPage.InvalidRequest, target.Path, reason));
        }

        return cache.FindAccessToken(requested.Scopes) is { } held
            ? new(outcome, Json(held))
            : new(outcome, default, AccessTokenLater(account, cache, requested.Scopes));
    }

    // Apart, so that what it captures costs nothing where a token is held.
    private Func<HttpContext, ValueTask<Answer>> AccessTokenLater(MetadataAccount account, TokenCache cache, string[] scopes) =>
        context => TryAsync(context, account, cache, async (from, stop) => Json(await from.GetAccessTokenAsync(scopes, stop)));

    private Reply AskIdentityToken(in RequestTarget target, TokenCache? cache, MetadataAccount account, RequestOutcome outcome)
    {
        if (cache is null)
        {
            return new(outcome, Answer.Error(ErrorPage.NoAccount, target.Path));
        }

        if (IdentityRequestOf(target) is not { } request)
        {
            return new(outcome, Answer.Error(ErrorPage.NoAudience, target.Path));
        }

        return new(outcome, default, context => TryAsync(
            context, account, cache, async (from, stop) => Answer.Text((await from.GetIdentityTokenAsync(request, stop)).Value)));
    }

    private async ValueTask<Answer> TryAsync(
        HttpContext context, MetadataAccount account, TokenCache cache, Func<TokenCache, CancellationToken, Task<Answer>> ask)
    {
        try
        {
            try
            {
                return await ask(cache, context.RequestAborted);
            }
            catch (TokenSourceException) when (Find(account) is { } current && current != cache)
            {
                // Replaced since it was found, and hardware has been let go of: the credential of now answers for itself.
                return await ask(current, context.RequestAborted);
            }
        }
        catch (TokenSourceException exception)
        {
            // gcloud asks for an identity token with each access token and goes on without one after a 404, not a 503.
            var page = exception.Fault is TokenSourceFault.NotOffered or TokenSourceFault.Missing ? ErrorPage.NotFound : ErrorPage.Unavailable;
            return Answer.Error(page, RequestTarget.Of(context).Path, exception.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return Answer.ClientClosed;
        }
    }

    /// <summary>The cache of an account, whichever of its two names the credential was configured under.</summary>
    private TokenCache? Find(MetadataAccount account)
    {
        // By index: to enumerate costs memory.
        for (var i = 0; i < account.Names.Count; i++)
        {
            if (credentials.Find(account.Names[i]) is { } cache)
            {
                return cache;
            }
        }

        return null;
    }

    private static IdentityTokenRequest? IdentityRequestOf(in RequestTarget target)
    {
        var query = new RequestQuery(target.Query);
        var audience = query.Text("audience");
        return audience.Length == 0
            ? null
            : new IdentityTokenRequest(audience, query.Raw("format") is "full", query.Switch("licenses") == true);
    }

    /// <summary>
    /// The token with the seconds it still lives: clients add them to their own clock. Within a second everybody gets the
    /// same bytes, which are therefore made once.
    /// </summary>
    private Answer Json(AccessToken token)
    {
        var seconds = Math.Max(0, (long)(token.ExpiresAt - time.GetUtcNow()).TotalSeconds);
        var latest = _latest;
        if (latest is null || latest.Token != token || latest.Seconds != seconds)
        {
            _latest = latest = new RenderedToken(token, seconds, Render(token, seconds));
        }

        return Answer.Json(latest.Json);
    }

    private static ReadOnlyMemory<byte> Render(AccessToken token, long seconds)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(json, Compact);
        writer.WriteStartObject();
        writer.WriteString("access_token", token.Value);
        writer.WriteNumber("expires_in", seconds);
        writer.WriteString("token_type", "Bearer");
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenMemory;
    }

    private sealed record RenderedToken(AccessToken Token, long Seconds, ReadOnlyMemory<byte> Json);
}
