using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>The public half of an RSA key in the forms of RFC 7517 (a key set) and RFC 7638 (a thumbprint).</summary>
internal static class JsonWebKeySet
{
    /// <summary>A key set of one key, with the members that Google's own has (googleapis.com/oauth2/v3/certs).</summary>
    public static byte[] Of(RSA key)
    {
        var (e, n) = PublicNumbers(key);
        var set = new JsonObject
        {
            ["keys"] = new JsonArray(new JsonObject
            {
                ["alg"] = "RS256",
                ["e"] = e,
                ["kid"] = Thumbprint(key),
                ["kty"] = "RSA",
                ["n"] = n,
                ["use"] = "sig",
            }),
        };
        return Encoding.UTF8.GetBytes(set.ToJsonString());
    }

    public static string Thumbprint(RSA key)
    {
        // The exact text that RFC 7638 section 3 hashes: required members only, in this order, without white space.
        var (e, n) = PublicNumbers(key);
        return Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($$"""{"e":"{{e}}","kty":"RSA","n":"{{n}}"}""")));
    }

    private static (string E, string N) PublicNumbers(RSA key)
    {
        var numbers = key.ExportParameters(includePrivateParameters: false);
        return (Base64Url.EncodeToString(numbers.Exponent), Base64Url.EncodeToString(numbers.Modulus));
    }
}
