using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>Signs identity tokens as Google does for a service account, with a key of its own.</summary>
internal sealed class IdentityTokenSigner : IDisposable
{
    private const string KeyId = "stand-in";

    private readonly Lazy<RSA> _key = new(() => RSA.Create(2048));

    public JsonObject Jwks
    {
        get
        {
            var numbers = _key.Value.ExportParameters(includePrivateParameters: false);
            return new()
            {
                ["keys"] = new JsonArray(new JsonObject
                {
                    ["kty"] = "RSA",
                    ["alg"] = "RS256",
                    ["use"] = "sig",
                    ["kid"] = KeyId,
                    ["e"] = Base64Url.EncodeToString(numbers.Exponent),
                    ["n"] = Base64Url.EncodeToString(numbers.Modulus),
                }),
            };
        }
    }

    public string Sign(string email, string audience, DateTimeOffset now)
    {
        var header = new JsonObject { ["alg"] = "RS256", ["kid"] = KeyId, ["typ"] = "JWT" };
        var claims = new JsonObject
        {
            ["aud"] = audience,
            ["azp"] = email,
            ["email"] = email,
            ["email_verified"] = true,
            ["exp"] = now.ToUnixTimeSeconds() + 3600,
            ["iat"] = now.ToUnixTimeSeconds(),
            ["iss"] = "https://accounts.google.com",
            ["sub"] = "100000000000000000001",
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var signature = _key.Value.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose()
    {
        if (_key.IsValueCreated)
        {
            _key.Value.Dispose();
        }
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
