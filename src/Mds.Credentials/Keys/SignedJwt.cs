using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>A JWT taken apart. That it can be read says nothing of who signed it.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Claims">Its claims.</param>
/// <param name="Signed">What the signature is of.</param>
/// <param name="Signature">The signature.</param>
internal sealed record SignedJwt(JsonObject Header, JsonObject Claims, byte[] Signed, byte[] Signature)
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>Takes a compact JWT apart; <see langword="null"/> when the text is none.</summary>
    public static SignedJwt? Parse(string token)
    {
        if (token.Split('.') is not [var header, var claims, var signature])
        {
            return null;
        }

        try
        {
            return Read(header) is JsonObject head && Read(claims) is JsonObject body
                ? new(head, body, Encoding.ASCII.GetBytes($"{header}.{claims}"), Base64Url.DecodeFromChars(signature))
                : null;
        }
        catch (Exception e) when (e is FormatException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A claim that is a string.</summary>
    public string? Text(string claim) => Text(Claims, claim);

    /// <summary>A member of the header that is a string.</summary>
    public string? HeaderText(string member) => Text(Header, member);

    /// <summary>A claim that is a moment in whole seconds.</summary>
    public long? Seconds(string claim) =>
        Claims[claim] is JsonValue value && value.TryGetValue(out long seconds) ? seconds : null;

    /// <summary>Whether the key's owner signed it, with RS256.</summary>
    public bool IsSignedBy(RSA key) => HeaderText("alg") is "RS256"
        && key.VerifyData(Signed, Signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

    private static JsonNode? Read(string part)
    {
        var json = JsonNode.Parse(Base64Url.DecodeFromChars(part), documentOptions: Strict);
        Decode(json);
        return json;
    }

    // The parser looks at bytes; whether names and texts are Unicode is only found out when they are wanted.
    private static void Decode(JsonNode? json)
    {
        switch (json)
        {
            case JsonObject members:
                foreach (var (_, member) in members)
                {
                    Decode(member);
                }

                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    Decode(item);
                }

                break;
            case JsonValue value:
                _ = value.TryGetValue(out string? _);
                break;
        }
    }

    private static string? Text(JsonObject from, string name) =>
        from[name] is JsonValue value && value.TryGetValue(out string? text) ? text : null;
}
