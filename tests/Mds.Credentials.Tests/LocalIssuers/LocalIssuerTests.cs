using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Apis.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mds.Credentials.Tests.LocalIssuers;

public sealed class LocalIssuerTests
{
    private const string Url = "http://issuer.example:8081";
    private const string Email = "app@my-project.iam.gserviceaccount.com";

    private static readonly LocalIssuer Issuer = new(Url);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetIdentityToken_Standard_ClaimsOfARealOne()
    {
        var token = await Source().GetIdentityTokenAsync(new("https://service.example"), Cancellation);
        var (header, claims) = Verify(token.Value, Issuer);

        Assert.Equal($$"""{"alg":"RS256","kid":"{{Issuer.KeyId}}","typ":"JWT"}""", header.ToJsonString());
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var sub = LocalIssuerSource.UniqueId(Email);
        Assert.Equal(
            $$"""{"aud":"https://service.example","azp":"{{sub}}","exp":{{now + 3600}},"iat":{{now}},"iss":"{{Url}}","sub":"{{sub}}"}""",
            claims.ToJsonString());
        Assert.Equal(_time.GetUtcNow().AddHours(1), token.ExpiresAt);
    }

    [Fact]
    public async Task GetIdentityToken_Full_AddsTheEmail()
    {
        var token = await Source().GetIdentityTokenAsync(new("x", Full: true), Cancellation);
        var (_, claims) = Verify(token.Value, Issuer);

        Assert.Equal(["aud", "azp", "email", "email_verified", "exp", "iat", "iss", "sub"], claims.Select(claim => claim.Key));
        Assert.Equal((Email, true), (claims["email"]!.GetValue<string>(), claims["email_verified"]!.GetValue<bool>()));
    }

    [Fact]
    public async Task GetAccessToken_Scopes_NoIdentityToken()
    {
        var first = await Source().GetAccessTokenAsync(["a", "b"], Cancellation);
        var second = await Source().GetAccessTokenAsync(["a", "b"], Cancellation);
        var (header, claims) = Verify(first.Value, Issuer);

        Assert.NotEqual(first.Value, second.Value);
        Assert.Equal("at+jwt", header["typ"]!.GetValue<string>());
        Assert.Equal("a b", claims["scope"]!.GetValue<string>());
        Assert.Equal(_time.GetUtcNow().AddHours(1), first.ExpiresAt);
    }

    [Fact]
    public async Task GetIdentityToken_GooglesOwnVerifier_AcceptsIt()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet(OpenIdConfiguration.JwksPath, () => Results.Bytes(Issuer.Jwks, "application/json"));
        await app.StartAsync(Cancellation);
        var token = await new LocalIssuerSource(Issuer, Email, TimeProvider.System).GetIdentityTokenAsync(new("x"), Cancellation);
        var payload = await JsonWebSignature.VerifySignedTokenAsync(token.Value, new()
        {
            CertificatesUrl = app.Urls.First() + OpenIdConfiguration.JwksPath,
            TrustedAudiences = { "x" },
            TrustedIssuers = { Url },
        }, Cancellation);

        Assert.Equal(LocalIssuerSource.UniqueId(Email), payload.Subject);
    }

    [Fact]
    public void FromPem_SameKey_SameIdAndDocuments()
    {
        using var key = RSA.Create(2048);
        var (one, two) = (LocalIssuer.FromPem(Url, key.ExportPkcs8PrivateKeyPem(), "k"), LocalIssuer.FromPem(Url, key.ExportRSAPrivateKeyPem(), "k"));

        Assert.Equal(one.KeyId, two.KeyId);
        Assert.Equal(Encoding.UTF8.GetString(one.Jwks.Span), Encoding.UTF8.GetString(two.Jwks.Span));
        Assert.DoesNotContain("\"d\"", Encoding.UTF8.GetString(one.Jwks.Span), StringComparison.Ordinal);
    }

    [Fact]
    public void FromPem_Nonsense_NamesTheFile()
    {
        var failure = Assert.Throws<TokenSourceException>(() => LocalIssuer.FromPem(Url, "nonsense", "/etc/key.pem"));
        Assert.Equal("/etc/key.pem is not a PEM block (-----BEGIN PRIVATE KEY-----).", failure.Message);
    }

    [Fact]
    public void Thumbprint_KeyOfTheRfc_ItsThumbprint()
    {
        // RFC 7638 section 3.1.
        using var key = RSA.Create(new RSAParameters
        {
            Exponent = Base64Url.DecodeFromChars("AQAB"),
            Modulus = Base64Url.DecodeFromChars(
                "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhM"
                + "stn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"),
        });
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", JsonWebKeySet.Thumbprint(key));
    }

    [Fact]
    public void UniqueId_SameAddress_SameTwentyOneDigits()
    {
        Assert.Equal(LocalIssuerSource.UniqueId(Email), LocalIssuerSource.UniqueId(Email));
        Assert.NotEqual(LocalIssuerSource.UniqueId(Email), LocalIssuerSource.UniqueId("other@" + Email));
        Assert.Matches("^1[0-9]{20}$", LocalIssuerSource.UniqueId(Email));
    }

    [Fact]
    public void Discovery_Issuer_NamesTheKeySetBelowIt() => Assert.Equal(
        $$"""{"issuer":"{{Url}}/","jwks_uri":"{{Url}}/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}""",
        Encoding.UTF8.GetString(OpenIdConfiguration.Render(Url + "/").Span));

    private LocalIssuerSource Source() => new(Issuer, Email, _time);

    private static (JsonObject Header, JsonObject Claims) Verify(string token, LocalIssuer issuer)
    {
        var key = JsonSerializer.Deserialize<JsonObject>(issuer.Jwks.Span)!["keys"]!.AsArray()[0]!;
        using var rsa = RSA.Create(new RSAParameters
        {
            Modulus = Base64Url.DecodeFromChars(key["n"]!.GetValue<string>()),
            Exponent = Base64Url.DecodeFromChars(key["e"]!.GetValue<string>()),
        });
        var parts = token.Split('.');
        Assert.True(rsa.VerifyData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"),
            Base64Url.DecodeFromChars(parts[2]),
            HashAlgorithmName.SHA256,
            RSASignaturePadding.Pkcs1));
        return (Decode(parts[0]), Decode(parts[1]));
    }

    private static JsonObject Decode(string part) => JsonSerializer.Deserialize<JsonObject>(Base64Url.DecodeFromChars(part))!;
}
