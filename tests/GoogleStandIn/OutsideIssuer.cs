using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>An OpenID Connect issuer that is not Google's, whose tokens a provider takes: a cluster, a Git host.</summary>
public sealed class OutsideIssuer : IDisposable
{
    public const string ProviderName = "projects/123456789012/locations/global/workloadIdentityPools/pool/providers/cluster";
    public const string Audience = "//iam.googleapis.com/" + ProviderName;
    public const string Subject = "system:serviceaccount:team-a:app";

    private readonly RSA _key = RSA.Create(2048);

    public Provider Provider => new(ProviderName, () => Task.FromResult(KeySet), "https://cluster.example");

    public static string Principal => new Provider(ProviderName, null).PrincipalOf(Subject);

    private JsonObject KeySet => new()
    {
        ["keys"] = new JsonArray(new JsonObject
        {
            ["kty"] = "RSA",
            ["kid"] = "outside",
            ["n"] = Base64Url.EncodeToString(_key.ExportParameters(false).Modulus),
            ["e"] = Base64Url.EncodeToString(_key.ExportParameters(false).Exponent),
        }),
    };

    public string Token(string? audience = null, int secondsLeft = 600, RSA? key = null)
    {
        var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var signed = Encode(new() { ["alg"] = "RS256", ["kid"] = "outside" }) + "." + Encode(new()
        {
            ["iss"] = "https://cluster.example",
            ["sub"] = Subject,
            ["aud"] = new JsonArray(audience ?? "https:" + Audience),
            ["iat"] = now - 10,
            ["exp"] = now + secondsLeft,
        });
        var signature = (key ?? _key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => _key.Dispose();

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
