using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>Judges an OpenID Connect token as Google's Security Token Service does, with the key set of its issuer.</summary>
internal static class SubjectToken
{
    /// <summary>Whose it is; the second value says what is wrong when nobody's.</summary>
    public static (string? Subject, string? Wrong) Judge(string token, JsonObject keySet, Provider provider, DateTimeOffset now)
    {
        if (token.Split('.') is not [var header, var payload, var signature]
            || Decode(header) is not { } head || Decode(payload) is not { } claims)
        {
            return (null, "Unable to parse the ID Token.");
        }

        var key = keySet["keys"]!.AsArray().FirstOrDefault(known => (string?)known!["kid"] == (string?)head["kid"])?.AsObject();
        if (key is null || !Signed(key, (string?)head["alg"], $"{header}.{payload}", signature))
        {
            return (null, "Error verifying the signature of the ID Token: no key of the issuer's verifies it.");
        }

        if (provider.Issuer is not null && (string?)claims["iss"] != provider.Issuer)
        {
            return (null, $"The issuer in ID Token {claims["iss"]} does not match the expected ones: {provider.Issuer}.");
        }

        string[] audiences = claims["aud"] switch
        {
            JsonArray list => [.. list.Select(item => (string)item!)],
            JsonValue one => [(string)one!],
            _ => [],
        };
        if (!audiences.Intersect(provider.Audiences).Any())
        {
            return (null, $"The audience in ID Token [{string.Join(", ", audiences)}] does not match the expected audience.");
        }

        if (claims["exp"] is null || DateTimeOffset.FromUnixTimeSeconds((long)claims["exp"]!) < now)
        {
            return (null, $"ID Token issued at {claims["iat"]} is stale to sign-in: it expired.");
        }

        return (string?)claims["sub"] is { Length: > 0 } subject ? (subject, null) : (null, "The ID Token has no subject.");
    }

    private static bool Signed(JsonObject key, string? algorithm, string signed, string signature)
    {
        var (text, bytes) = (Encoding.ASCII.GetBytes(signed), Base64Url.DecodeFromChars(signature));
        if ((string?)key["kty"] == "RSA" && algorithm == "RS256")
        {
            using var rsa = RSA.Create(new RSAParameters { Modulus = Number(key, "n"), Exponent = Number(key, "e") });
            return rsa.VerifyData(text, bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        if ((string?)key["kty"] == "EC" && algorithm == "ES256")
        {
            using var curve = ECDsa.Create(new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new() { X = Number(key, "x"), Y = Number(key, "y") },
            });
            return curve.VerifyData(text, bytes, HashAlgorithmName.SHA256);
        }

        return false;
    }

    private static byte[] Number(JsonObject key, string name) => Base64Url.DecodeFromChars((string)key[name]!);

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
}
