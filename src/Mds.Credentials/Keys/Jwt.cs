using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>JSON Web Tokens in compact form (RFC 7515, 7519), signed with RS256 as Google signs its own.</summary>
internal static class Jwt
{
    // Only what JSON demands is escaped, as in Google's tokens: an audience with & or + stays readable.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Signs claims. They are written in the order given.</summary>
    public static string Sign(JsonObject header, JsonObject claims, RSA key)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return Signed(signed, key.SignHash(Hash(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    /// <summary>Signs claims with a key that may be elsewhere and take its time.</summary>
    public static async Task<string> SignAsync(JsonObject header, JsonObject claims, SignHash sign, CancellationToken cancellationToken)
    {
        var signed = $"{Encode(header)}.{Encode(claims)}";
        return Signed(signed, await sign(Hash(signed), cancellationToken));
    }

    /// <summary>The <c>exp</c> claim; <see langword="null"/> when the text is not a JWT that has one.</summary>
    public static DateTimeOffset? ExpiresAt(string? token)
    {
        if (token?.Split('.') is not [_, var payload, _])
        {
            return null;
        }

        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
            return claims.RootElement.ValueKind is JsonValueKind.Object
                && claims.RootElement.TryGetProperty("exp", out var exp)
                && exp.ValueKind is JsonValueKind.Number
                && exp.TryGetInt64(out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static byte[] Hash(string signed) => SHA256.HashData(Encoding.ASCII.GetBytes(signed));

    private static string Signed(string signed, byte[] signature) => $"{signed}.{Base64Url.EncodeToString(signature)}";

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString(Plain)));
}
