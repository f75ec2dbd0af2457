using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Google.Apis.Auth;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mds.Credentials.Tests.LocalIssuers;

public sealed class IssuerDocumentsTests
{
    private const string Url = "http://issuer.example:8081";

    private static readonly LocalIssuer Issuer = new(Url);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Discovery_Issuer_NamesTheKeySetBelowIt() => Assert.Equal(
        $$"""{"issuer":"{{Url}}/","jwks_uri":"{{Url}}/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["RS256"]}""",
        Encoding.UTF8.GetString(IssuerDocuments.Discovery(Url + "/").Span));

    [Fact]
    public void Jwks_KeysTwice_OnceEachAndNothingPrivate()
    {
        var keys = Issuer.Keys(DateTimeOffset.UtcNow).ToArray();
        var set = JsonNode.Parse(IssuerDocuments.Jwks([.. keys, .. keys]).Span)!["keys"]!.AsArray();

        Assert.Equal(["alg", "e", "kid", "kty", "n", "use"], Assert.Single(set)!.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task Certificates_TokenOfTheIssuer_VerifiesItAtAnyTime()
    {
        var token = await new LocalIssuerSource(Issuer, "app@p.test", TimeProvider.System).GetIdentityTokenAsync(new("x"), Cancellation);
        var (id, pem) = Assert.Single(JsonNode.Parse(IssuerDocuments.Certificates(Issuer.Keys(DateTimeOffset.UtcNow)).Span)!.AsObject());
        using var certificate = X509Certificate2.CreateFromPem(pem!.GetValue<string>());
        using var key = certificate.GetRSAPublicKey()!;

        Assert.Equal(Issuer.KeyId, id);
        PublishedKeys.Verified(token.Value, key);
        Assert.Equal(2020, certificate.NotBefore.ToUniversalTime().Year);
        Assert.Equal(9999, certificate.NotAfter.ToUniversalTime().Year);
    }

    [Fact]
    public async Task Jwks_GooglesOwnVerifier_AcceptsTheToken()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/jwks", () => Results.Bytes(IssuerDocuments.Jwks(Issuer.Keys(DateTimeOffset.UtcNow)), "application/json"));
        await app.StartAsync(Cancellation);
        var token = await new LocalIssuerSource(Issuer, "app@p.test", TimeProvider.System).GetIdentityTokenAsync(new("x"), Cancellation);
        var payload = await JsonWebSignature.VerifySignedTokenAsync(token.Value, new()
        {
            CertificatesUrl = app.Urls.First() + "/jwks",
            TrustedAudiences = { "x" },
            TrustedIssuers = { Url },
        }, Cancellation);

        Assert.Equal(LocalIssuerSource.UniqueId("app@p.test"), payload.Subject);
    }
}
