using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Credentials.Tests.ServiceAccountKeys;

/// <summary>The stand-in is only worth what it refuses.</summary>
public sealed class AssertionTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly RSA Key = RSA.Create(2048);

    [Fact]
    public void Judge_Everything_InOrder() =>
        Assert.Equal(new TokenCall("access_token", null, "a@b", "s"), Judge(Claims()));

    [Fact]
    public void Judge_TargetAudience_IdentityToken() =>
        Assert.Equal("id_token", Judge(Claims(("scope", null), ("target_audience", "x"))).Outcome);

    [Theory]
    [InlineData("iss", "c@d", "invalid_grant", "account not found")]
    [InlineData("aud", "https://elsewhere.example/token", "invalid_grant", "Failed audience check")]
    [InlineData("aud", null, "invalid_grant", "Failed audience check")]
    [InlineData("scope", null, "invalid_scope", "Invalid OAuth scope")]
    [InlineData("target_audience", "both", "invalid_scope", "Invalid OAuth scope")]
    public void Judge_WrongClaim_Refused(string claim, string? value, string outcome, string description)
    {
        var call = Judge(Claims((claim, value)));
        Assert.Equal(outcome, call.Outcome);
        Assert.Contains(description, call.Description, StringComparison.Ordinal);
        Assert.False(call.Accepted);
    }

    [Theory]
    [InlineData(0, 3601)]
    [InlineData(-3600, -301)]
    [InlineData(301, 3600)]
    [InlineData(0, 0)]
    public void Judge_WrongTimes_Refused(int issued, int expires)
    {
        var claims = Claims();
        claims["iat"] = Now.ToUnixTimeSeconds() + issued;
        claims["exp"] = Now.ToUnixTimeSeconds() + expires;
        Assert.Contains("short-lived token", Judge(claims).Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_OtherKeyOrAlgorithm_Refused()
    {
        using var other = RSA.Create(2048);
        Assert.Equal("Invalid JWT Signature.", Judge(Claims(), signer: other).Description);
        Assert.Equal("Invalid JWT Signature.", Judge(Claims(), algorithm: "none").Description);
        Assert.Contains("cannot be read", Assertion.Judge("a.b", Clients, ["t"], Now).Description, StringComparison.Ordinal);
    }

    private static ILookup<string, RSA> Clients => new[] { Key }.ToLookup(_ => "a@b");

    private static TokenCall Judge(JsonObject claims, RSA? signer = null, string algorithm = "RS256")
    {
        var signed = $"{Encode(new() { ["alg"] = algorithm })}.{Encode(claims)}";
        var signature = (signer ?? Key).SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return Assertion.Judge($"{signed}.{Base64Url.EncodeToString(signature)}", Clients, ["https://issuer.example/token"], Now);
    }

    private static JsonObject Claims(params (string Name, string? Value)[] changes)
    {
        var claims = new JsonObject
        {
            ["iss"] = "a@b",
            ["aud"] = "https://issuer.example/token",
            ["scope"] = "s",
            ["iat"] = Now.ToUnixTimeSeconds(),
            ["exp"] = Now.ToUnixTimeSeconds() + 3600,
        };
        foreach (var (name, value) in changes)
        {
            claims[name] = value;
        }

        return claims;
    }

    private static string Encode(JsonObject part) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(part.ToJsonString()));
}
