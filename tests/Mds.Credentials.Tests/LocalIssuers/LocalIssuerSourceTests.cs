using System.Security.Cryptography;

namespace Mds.Credentials.Tests.LocalIssuers;

public sealed class LocalIssuerSourceTests
{
    private const string Url = "http://issuer.example:8081";
    private const string Email = "app@my-project.iam.gserviceaccount.com";

    private static readonly LocalIssuer Issuer = new(Url);

    private static readonly ComputeEngineClaims Machine = new()
    {
        InstanceConfidentiality = 0,
        InstanceCreationTimestamp = 1767225600,
        InstanceId = "4520031799277581759",
        InstanceName = "web-1",
        LicenseIds = ["5543610867827062957"],
        ProjectId = "my-project",
        ProjectNumber = 123456789012,
        Zone = "europe-west1-b",
    };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private readonly ManualTime _time = new();

    [Fact]
    public async Task GetIdentityToken_Standard_ClaimsOfARealOne()
    {
        var token = await Source(Machine).GetIdentityTokenAsync(new("https://service.example", Licenses: true), Cancellation);
        var (header, claims) = Verified(token.Value);

        Assert.Equal($$"""{"alg":"RS256","kid":"{{Issuer.KeyId}}","typ":"JWT"}""", header);
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var sub = LocalIssuerSource.UniqueId(Email);
        Assert.Equal(
            $$"""{"aud":"https://service.example","azp":"{{sub}}","exp":{{now + 3600}},"iat":{{now}},"iss":"{{Url}}","sub":"{{sub}}"}""",
            claims);
        Assert.Equal(_time.GetUtcNow().AddHours(1), token.ExpiresAt);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "\"license_id\":[\"5543610867827062957\"],")]
    public async Task GetIdentityToken_Full_AddsEmailAndMachineInTheObservedOrder(bool licenses, string expected)
    {
        var token = await Source(Machine).GetIdentityTokenAsync(new("x", Full: true, licenses), Cancellation);

        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var sub = LocalIssuerSource.UniqueId(Email);
        Assert.Equal(
            $$$"""{"aud":"x","azp":"{{{sub}}}","email":"{{{Email}}}","email_verified":true,"exp":{{{now + 3600}}},"""
            + """ "google":{"compute_engine":{"instance_confidentiality":0,"instance_creation_timestamp":1767225600,"""[1..]
            + $$"""
            "instance_id":"4520031799277581759","instance_name":"web-1",{{expected}}"project_id":"my-project",
            """
            + $$$""" "project_number":123456789012,"zone":"europe-west1-b"}},"iat":{{{now}}},"iss":"{{{Url}}}","sub":"{{{sub}}}"}"""[1..],
            Verified(token.Value).Claims);
    }

    [Fact]
    public async Task GetIdentityToken_FullWithoutAMachine_AddsTheEmailOnly()
    {
        var token = await Source(null).GetIdentityTokenAsync(new("x", Full: true, Licenses: true), Cancellation);

        var claims = Verified(token.Value).Claims;
        Assert.Contains($"\"email\":\"{Email}\"", claims, StringComparison.Ordinal);
        Assert.DoesNotContain("google", claims, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetIdentityToken_FullOfAMachineOfWhichLittleIsKnown_SaysThatLittle()
    {
        var token = await Source(new() { InstanceName = "web-1" }).GetIdentityTokenAsync(new("x", Full: true, Licenses: true), Cancellation);

        Assert.Contains(
            """ "google":{"compute_engine":{"instance_name":"web-1","license_id":[]}},"""[1..], Verified(token.Value).Claims, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAccessToken_Scopes_NoIdentityToken()
    {
        var first = await Source(Machine).GetAccessTokenAsync(["a", "b"], Cancellation);
        var second = await Source(Machine).GetAccessTokenAsync(["a", "b"], Cancellation);
        var (header, claims) = Verified(first.Value);

        Assert.NotEqual(first.Value, second.Value);
        Assert.Contains("\"typ\":\"at+jwt\"", header, StringComparison.Ordinal);
        Assert.Contains("\"scope\":\"a b\"", claims, StringComparison.Ordinal);
        Assert.Equal(_time.GetUtcNow().AddHours(1), first.ExpiresAt);
    }

    [Fact]
    public void UniqueId_SameAddress_SameTwentyOneDigits()
    {
        Assert.Equal(LocalIssuerSource.UniqueId(Email), LocalIssuerSource.UniqueId(Email));
        Assert.NotEqual(LocalIssuerSource.UniqueId(Email), LocalIssuerSource.UniqueId("other@" + Email));
        Assert.Matches("^1[0-9]{20}$", LocalIssuerSource.UniqueId(Email));
    }

    private LocalIssuerSource Source(ComputeEngineClaims? machine) => new(Issuer, Email, _time, () => machine);

    private (string Header, string Claims) Verified(string token)
    {
        using var key = PublishedKeys.Of(Issuer, _time.GetUtcNow());
        return PublishedKeys.Verified(token, key);
    }
}
