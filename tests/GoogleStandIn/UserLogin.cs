using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>A person's login, as gcloud keeps it.</summary>
public sealed record UserLogin(string Email, string ClientId, string ClientSecret, string RefreshToken)
{
    public static UserLogin Make(string email) => new(
        email,
        $"{RandomNumberGenerator.GetString("0123456789", 12)}-stand-in.apps.googleusercontent.com",
        $"GOCSPX-{RandomNumberGenerator.GetHexString(24)}",
        $"1//0{RandomNumberGenerator.GetHexString(80)}");

    /// <summary>The file that <c>gcloud auth application-default login</c> writes.</summary>
    public string Json => new JsonObject
    {
        ["account"] = "",
        ["client_id"] = ClientId,
        ["client_secret"] = ClientSecret,
        ["refresh_token"] = RefreshToken,
        ["type"] = "authorized_user",
        ["universe_domain"] = "googleapis.com",
    }.ToJsonString();
}
