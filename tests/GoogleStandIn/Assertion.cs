using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>
/// Judges a JWT bearer assertion (RFC 7523) as Google's token endpoint does, and in its words. Written without the code
/// under test, so that both would have to be wrong in the same way.
/// </summary>
public static class Assertion
{
    private static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    public static TokenCall Judge(
        string? assertion, ILookup<string, RSA> clients, IReadOnlyCollection<string> audiences, DateTimeOffset now)
    {
        if (assertion?.Split('.') is not [var header, var payload, var signature]
            || Decode(header) is not { } head
            || Decode(payload) is not { } claims)
        {
            return new("invalid_grant", "Invalid JWT: the assertion cannot be read.");
        }

        var call = new TokenCall("", null, Text(claims, "iss"), Text(claims, "scope"), Text(claims, "target_audience"));
        if (call.Issuer is null || !clients.Contains(call.Issuer))
        {
            return call with { Outcome = "invalid_grant", Description = "Invalid grant: account not found" };
        }

        if (Text(head, "alg") is not "RS256" || !clients[call.Issuer].Any(key => Signed(key, $"{header}.{payload}", signature)))
        {
            return call with { Outcome = "invalid_grant", Description = "Invalid JWT Signature." };
        }

        if (!audiences.Contains(Text(claims, "aud") ?? ""))
        {
            return call with
            {
                Outcome = "invalid_grant",
                Description = $"Invalid JWT: Failed audience check. The right audience is {audiences.First()}",
            };
        }

        if (!Timely(claims, now))
        {
            return call with
            {
                Outcome = "invalid_grant",
                Description = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. "
                    + "Check your iat and exp values in the JWT claim.",
            };
        }

        return (call.Scope, call.TargetAudience) switch
        {
            (not (null or ""), null) => call with { Outcome = "access_token" },
            (null or "", not (null or "")) => call with { Outcome = "id_token" },
            _ => call with
            {
                Outcome = "invalid_scope",
                Description = "Invalid OAuth scope or ID token audience provided.",
            },
        };
    }

    /// <summary>Who signed an access token with a key of its own (AIP-4111); nobody when it does not verify.</summary>
    public static string? SelfSigned(string token, ILookup<string, RSA> clients, DateTimeOffset now) =>
        token.Split('.') is [var header, var payload, var signature]
        && Decode(header) is { } head
        && Decode(payload) is { } claims
        && Text(claims, "iss") is { } issuer
        && Text(claims, "sub") == issuer
        && Text(claims, "scope") is { Length: > 0 }
        && Text(claims, "aud") is null
        && Text(head, "alg") is "RS256"
        && Timely(claims, now)
        && clients[issuer].Any(key => Signed(key, $"{header}.{payload}", signature))
            ? issuer
            : null;

    private static bool Timely(JsonObject claims, DateTimeOffset now) =>
        Moment(claims, "iat") is { } issued
        && Moment(claims, "exp") is { } expires
        && issued <= now + Skew
        && expires >= now - Skew
        && expires > issued
        && expires - issued <= TimeSpan.FromHours(1);

    private static bool Signed(RSA key, string signed, string signature)
    {
        try
        {
            return key.VerifyData(
                Encoding.ASCII.GetBytes(signed),
                Base64Url.DecodeFromChars(signature),
                HashAlgorithmName.SHA256,
                RSASignaturePadding.Pkcs1);
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static JsonObject? Decode(string part)
    {
        try
        {
            return JsonNode.Parse(Base64Url.DecodeFromChars(part)) as JsonObject;
        }
        catch (Exception e) when (e is FormatException or JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static DateTimeOffset? Moment(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue(out long seconds)
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
