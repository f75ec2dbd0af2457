using System.Text.Json.Nodes;

namespace Mds.Credentials.Tests.LocalIssuers;

public sealed class TokenInfoTests
{
    private const string Url = "http://issuer.example:8081";
    private const string Email = "app@my-project.iam.gserviceaccount.com";

    private static readonly LocalIssuer Issuer = new(Url);
    private static readonly string Sub = LocalIssuerSource.UniqueId(Email);

    private readonly ManualTime _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OfAccessToken_Valid_IsWhatGoogleSaysOfOne()
    {
        var token = await AccessTokenAsync(Issuer);
        _time.Advance(TimeSpan.FromSeconds(100));

        var info = TokenInfo.OfAccessToken(token, [Issuer], _time.GetUtcNow());

        Assert.True(info.IsValid);
        var exp = _time.GetUtcNow().ToUnixTimeSeconds() + 3500;
        Assert.Equal(
            $$"""{"azp":"{{Sub}}","aud":"{{Sub}}","sub":"{{Sub}}","scope":"a b","exp":"{{exp}}","expires_in":"3500","email":"{{Email}}","email_verified":"true","access_type":"online"}""",
            Document(info).ToJsonString());
    }

    [Fact]
    public async Task OfIdentityToken_Valid_ItsClaimsInQuotesAndItsHeader()
    {
        var source = new LocalIssuerSource(Issuer, Email, _time, () => new() { InstanceName = "web-1" });
        var token = await source.GetIdentityTokenAsync(new("x", Full: true), Cancellation);

        var info = Document(TokenInfo.OfIdentityToken(token.Value, [Issuer], _time.GetUtcNow()));

        Assert.Equal(("x", "true", "RS256", Issuer.KeyId, "JWT"), (
            Text(info, "aud"), Text(info, "email_verified"), Text(info, "alg"), Text(info, "kid"), Text(info, "typ")));
        Assert.Equal($"{_time.GetUtcNow().ToUnixTimeSeconds() + 3600}", Text(info, "exp"));
        Assert.Equal("web-1", (string)info["google"]!["compute_engine"]!["instance_name"]!);
    }

    [Fact]
    public async Task OfAccessToken_OfAReplacedKey_IsValidUntilItExpires()
    {
        var token = await AccessTokenAsync(Issuer);
        var next = new LocalIssuer(Url).Replacing(Issuer, _time.GetUtcNow());

        Assert.True(TokenInfo.OfAccessToken(token, [next], _time.GetUtcNow()).IsValid);
        _time.Advance(TimeSpan.FromHours(1));
        AssertRefused(TokenInfo.OfAccessToken(token, [next], _time.GetUtcNow()), "it expired 0 seconds ago.");
    }

    [Fact]
    public async Task OfAccessToken_NotToBeBelieved_SaysWhy()
    {
        var token = await AccessTokenAsync(Issuer);
        var parts = token.Split('.');
        var identity = await new LocalIssuerSource(Issuer, Email, _time).GetIdentityTokenAsync(new("x"), Cancellation);
        var unsigned = $"{Encode("""{"alg":"none","kid":"K","typ":"at+jwt"}""".Replace("K", Issuer.KeyId, StringComparison.Ordinal))}.{parts[1]}.";

        Refused("ya29.something", "it is not a JWT");
        Refused("", "it is not a JWT");
        Refused(await AccessTokenAsync(new(Url)), "no key that is published here signed it.");
        Refused(await AccessTokenAsync(new("http://another.example")), "no key that is published here signed it.");
        Refused($"{parts[0]}.{Encode("""{"iss":"http://issuer.example:8081"}""")}.{parts[2]}", "no key that is published here signed it.");
        Refused(unsigned, "no key that is published here signed it.");
        Refused(identity.Value, "it is an identity token; send it as id_token.");
        AssertRefused(TokenInfo.OfIdentityToken(token, [Issuer], _time.GetUtcNow()), "it is an access token; send it as access_token.");

        void Refused(string made, string reason) =>
            AssertRefused(TokenInfo.OfAccessToken(made, [Issuer], _time.GetUtcNow()), reason);
    }

    [Theory]
    [InlineData("""{"iss":"a","iss":"b"}""")]
    [InlineData("""{"iss":"a","nested":{"x":1,"x":2}}""")]
    [InlineData("""{"iss":"\ud800"}""")]
    [InlineData("""{"iss":"a","list":["\ud800"]}""")]
    [InlineData("""{"\ud800":"a"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    public void OfAnyToken_JsonThatCannotBeRead_IsNoJwt(string json)
    {
        const string Good = "{}";
        foreach (var token in new[] { $"{Encode(json)}.{Encode(Good)}.AAAA", $"{Encode(Good)}.{Encode(json)}.AAAA" })
        {
            AssertRefused(TokenInfo.OfAccessToken(token, [Issuer], _time.GetUtcNow()), "it is not a JWT");
            AssertRefused(TokenInfo.OfIdentityToken(token, [Issuer], _time.GetUtcNow()), "it is not a JWT");
        }
    }

    [Fact]
    public void OfAccessToken_TextThatIsNotUtf8_IsNoJwt()
    {
        var claims = System.Buffers.Text.Base64Url.EncodeToString([.. "{\"iss\":\""u8, 0xFF, .. "\"}"u8]);

        AssertRefused(TokenInfo.OfAccessToken($"{Encode("{}")}.{claims}.AAAA", [Issuer], _time.GetUtcNow()), "it is not a JWT");
    }

    private static void AssertRefused(TokenInfo info, string reason)
    {
        Assert.False(info.IsValid);
        Assert.Equal("invalid_token", Text(Document(info), "error"));
        Assert.Contains("Invalid Value: ", Text(Document(info), "error_description"), StringComparison.Ordinal);
        Assert.Contains(reason, Text(Document(info), "error_description"), StringComparison.Ordinal);
    }

    private async Task<string> AccessTokenAsync(LocalIssuer issuer) =>
        (await new LocalIssuerSource(issuer, Email, _time).GetAccessTokenAsync(["a", "b"], Cancellation)).Value;

    private static string Encode(string text) => System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(text));

    private static JsonObject Document(TokenInfo info) => JsonNode.Parse(info.Document.Span)!.AsObject();

    private static string? Text(JsonObject document, string name) => (string?)document[name];
}
