using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Mds.Credentials;
using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>Answers the leaves that hold tokens, from the credential of their account.</summary>
internal sealed class TokenAnswers(ICredentials credentials, TimeProvider time)
{
    /// <summary>What a machine without a service account says (observed 2025: 94 bytes, no newline).</summary>
    private const string NoAccount =
        """{"error":"invalid_request","error_description":"Service account not enabled on this instance"}""";

    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Answers a request for a token.</summary>
    /// <param name="context">The request.</param>
    /// <param name="node">A node that has an account.</param>
    /// <param name="rawTarget">The target of the request.</param>
    public async ValueTask AnswerAsync(HttpContext context, MetadataNode node, string rawTarget)
    {
        var cache = Find(node.Account!);
        try
        {
            await (node.Kind == MetadataNodeKind.AccessToken
                ? AccessTokenAsync(context, cache, node.Account!, rawTarget)
                : IdentityTokenAsync(context, cache, rawTarget));
        }
        catch (TokenSourceException exception) when (exception.Fault == TokenSourceFault.NotOffered)
        {
            // gcloud asks for an identity token with each access token and goes on without one after a 404, not a 503.
            await Answer.ErrorAsync(context, ErrorPage.NotFound, RequestTarget.Parse(rawTarget).Path, exception.Message);
        }
        catch (TokenSourceException exception)
        {
            await Answer.ErrorAsync(
                context, ErrorPage.Unavailable, RequestTarget.Parse(rawTarget).Path, exception.Message);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
        }
    }

    private async ValueTask AccessTokenAsync(HttpContext context, TokenCache? cache, MetadataAccount account, string rawTarget)
    {
        if (cache is null)
        {
            await Answer.ErrorAsync(context, ErrorPage.NotFound, RequestTarget.Parse(rawTarget).Path);
            return;
        }

        if (ScopesOf(rawTarget) is not { } scopes)
        {
            await Answer.ErrorAsync(context, ErrorPage.InvalidRequest, RequestTarget.Parse(rawTarget).Path);
            return;
        }

        // No scopes means the token that the cache keeps warm, which is for the scopes of the account. So does naming just
        // those: google-auth-library-python reads them from the account and sends them back (from 2.48 on).
        var isDefault = scopes.ToHashSet(StringComparer.Ordinal).SetEquals(account.Scopes);
        var token = await cache.GetAccessTokenAsync(isDefault ? [] : scopes, context.RequestAborted);
        await Answer.JsonAsync(context, Json(token, time.GetUtcNow()));
    }

    private static async ValueTask IdentityTokenAsync(HttpContext context, TokenCache? cache, string rawTarget)
    {
        if (cache is null)
        {
            await Answer.TextAsync(context, StatusCodes.Status404NotFound, NoAccount, close: true);
            return;
        }

        if (IdentityRequestOf(rawTarget) is not { } request)
        {
            await Answer.TextAsync(context, StatusCodes.Status400BadRequest, "non-empty audience parameter required\n");
            return;
        }

        var token = await cache.GetIdentityTokenAsync(request, context.RequestAborted);
        await Answer.TextAsync(context, StatusCodes.Status200OK, token.Value);
    }

    /// <summary>The cache of an account, whichever of its two names the credential was configured under.</summary>
    private TokenCache? Find(MetadataAccount account)
    {
        foreach (var name in account.Names)
        {
            if (credentials.Find(name) is { } cache)
            {
                return cache;
            }
        }

        return null;
    }

    /// <summary>The scopes asked for; <see langword="null"/> for <c>enforce_scopes=false</c>, which is an error (docs: querying-metadata).</summary>
    private static string[]? ScopesOf(string rawTarget)
    {
        var query = new RequestQuery(RequestTarget.Parse(rawTarget).Query);
        return query.Switch("enforce_scopes") == false
            ? null
            : query.Text("scopes").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    private static IdentityTokenRequest? IdentityRequestOf(string rawTarget)
    {
        var query = new RequestQuery(RequestTarget.Parse(rawTarget).Query);
        var audience = query.Text("audience");
        return audience.Length == 0
            ? null
            : new IdentityTokenRequest(audience, query.Raw("format") is "full", query.Switch("licenses") == true);
    }

    /// <summary>The token with the seconds it still lives: clients add them to their own clock.</summary>
    private static ReadOnlyMemory<byte> Json(AccessToken token, DateTimeOffset now)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(json, Compact);
        writer.WriteStartObject();
        writer.WriteString("access_token", token.Value);
        writer.WriteNumber("expires_in", Math.Max(0, (long)(token.ExpiresAt - now).TotalSeconds));
        writer.WriteString("token_type", "Bearer");
        writer.WriteEndObject();
        writer.Flush();
        return json.WrittenMemory;
    }
}
