using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials.Tests.LocalIssuers;

/// <summary>Reads what an issuer publishes as a stranger does, without the code that wrote it.</summary>
internal static class PublishedKeys
{
    /// <summary>The first key of the issuer's key set.</summary>
    public static RSA Of(LocalIssuer issuer, DateTimeOffset now)
    {
        var key = JsonNode.Parse(IssuerDocuments.Jwks(issuer.Keys(now)).Span)!["keys"]![0]!;
        return RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key["n"]!.GetValue<string>()),
            Exponent = Base64Url.DecodeFromChars(key["e"]!.GetValue<string>()),
        });
    }

    /// <summary>The ids of the key set.</summary>
    public static string[] Ids(LocalIssuer issuer, DateTimeOffset now) =>
        [.. JsonNode.Parse(IssuerDocuments.Jwks(issuer.Keys(now)).Span)!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    /// <summary>Header and claims of a token that the key signed.</summary>
    public static (string Header, string Claims) Verified(string token, RSA key)
    {
        var parts = token.Split('.');
        Assert.True(key.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
            Base64Url.DecodeFromChars(parts[2]),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1));
        return (Text(parts[0]), Text(parts[1]));
    }

    private static string Text(string part) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars(part));
}
