using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// Judges tokens of local issuers, and describes the good ones as <c>oauth2.googleapis.com/tokeninfo</c> does: every
/// value is a string there, numbers and truths too.
/// </summary>
/// <param name="Document">The description, or the error, as UTF-8 JSON.</param>
/// <param name="IsValid">Whether the token is good.</param>
public sealed record TokenInfo(ReadOnlyMemory<byte> Document, bool IsValid)
{
    /// <summary>The <c>typ</c> of access tokens (RFC 9068), which keeps them from passing as identity tokens.</summary>
    internal const string AccessTokenType = "at+jwt";

    /// <summary>The <c>typ</c> of identity tokens.</summary>
    internal const string IdentityTokenType = "JWT";

    /// <summary>Judges an access token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuers">The issuers to believe.</param>
    /// <param name="now">The present.</param>
    public static TokenInfo OfAccessToken(string token, IReadOnlyList<LocalIssuer> issuers, DateTimeOffset now) =>
        Judge(token, AccessTokenType, issuers, now, static (jwt, left) => new()
        {
            ["azp"] = jwt.Text("client_id"),
            ["aud"] = jwt.Text("client_id"),
            ["sub"] = jwt.Text("sub"),
            ["scope"] = jwt.Text("scope"),
            ["exp"] = Digits(jwt.Seconds("exp")),
            ["expires_in"] = Digits(left),
            ["email"] = jwt.Text("email"),
            ["email_verified"] = "true",
            ["access_type"] = "online",
        });

    /// <summary>Judges an identity token.</summary>
    /// <param name="token">The token.</param>
    /// <param name="issuers">The issuers to believe.</param>
    /// <param name="now">The present.</param>
    public static TokenInfo OfIdentityToken(string token, IReadOnlyList<LocalIssuer> issuers, DateTimeOffset now) =>
        Judge(token, IdentityTokenType, issuers, now, static (jwt, _) =>
        {
            var info = new JsonObject();
            foreach (var (name, value) in jwt.Claims)
            {
                // The machine's claims stay an object.
                info[name] = value is JsonValue ? Words(value) : value?.DeepClone();
            }

            info["alg"] = jwt.HeaderText("alg");
            info["kid"] = jwt.HeaderText("kid");
            info["typ"] = jwt.HeaderText("typ");
            return info;
        });

    /// <summary>What is answered to a request that names no token.</summary>
    public static TokenInfo Missing { get; } =
        Refused("invalid_request", "Name the token to look at: access_token or id_token.");

    private static TokenInfo Judge(
        string token,
        string type,
        IReadOnlyList<LocalIssuer> issuers,
        DateTimeOffset now,
        Func<SignedJwt, long, JsonObject> describe)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentNullException.ThrowIfNull(issuers);
        if (SignedJwt.Parse(token) is not { } jwt)
        {
            return Invalid("it is not a JWT, so it was not made here.");
        }

        var issuer = jwt.Text("iss");
        var believed = issuers.Where(known => known.Issuer == issuer).SelectMany(known => known.Keys(now));
        if (!believed.Any(key => key.Signed(jwt)))
        {
            return Invalid("no key that is published here signed it.");
        }

        if (jwt.HeaderText("typ") != type)
        {
            return Invalid(type == AccessTokenType
                ? "it is an identity token; send it as id_token."
                : "it is an access token; send it as access_token.");
        }

        var left = (jwt.Seconds("exp") ?? 0) - now.ToUnixTimeSeconds();
        return left > 0
            ? new(Encoding.UTF8.GetBytes(describe(jwt, left).ToJsonString()), true)
            : Invalid($"it expired {-left} seconds ago.");
    }

    private static TokenInfo Invalid(string reason) => Refused("invalid_token", $"Invalid Value: {reason}");

    private static TokenInfo Refused(string error, string description) => new(
        Encoding.UTF8.GetBytes(new JsonObject { ["error"] = error, ["error_description"] = description }.ToJsonString()),
        false);

    private static string Words(JsonNode value) =>
        value.GetValueKind() is System.Text.Json.JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString();

    private static string Digits(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "0";
}
