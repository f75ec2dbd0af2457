using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>A newly made service account key.</summary>
/// <param name="Json">The file as Google writes it.</param>
/// <param name="PublicPem">The public half.</param>
public sealed record KeyFile(string Json, string PublicPem)
{
    private static readonly JsonSerializerOptions AsGoogleWrites = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The same key, with another <c>token_uri</c> in place of Google's.</summary>
    public KeyFile PointingAt(string tokenUri) => this with
    {
        Json = Json.Replace(GoogleStandIn.GoogleTokenUrl, tokenUri, StringComparison.Ordinal),
    };

    public static KeyFile Make(string email, string tokenUri)
    {
        using var key = RSA.Create(2048);
        var file = new JsonObject
        {
            ["type"] = "service_account",
            ["project_id"] = email.Split('@')[^1].Split('.')[0],
            ["private_key_id"] = RandomNumberGenerator.GetHexString(40, lowercase: true),
            ["private_key"] = key.ExportPkcs8PrivateKeyPem() + "\n",
            ["client_email"] = email,
            ["client_id"] = "1" + RandomNumberGenerator.GetString("0123456789", 20),
            ["auth_uri"] = "https://accounts.google.com/o/oauth2/auth",
            ["token_uri"] = tokenUri,
            ["universe_domain"] = "googleapis.com",
        };
        return new(file.ToJsonString(AsGoogleWrites) + "\n", key.ExportSubjectPublicKeyInfoPem() + "\n");
    }
}
