using System.Text;
using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Credentials.Tests.CredentialFiles;

public sealed class CredentialFileTests : IAsyncLifetime
{
    private const string Person = "person@example.com";
    private const string Target = "app@my-project.iam.gserviceaccount.com";

    private GoogleStandIn _google = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _google = await GoogleStandIn.StartAsync();

    public ValueTask DisposeAsync() => _google.DisposeAsync();

    [Fact]
    public async Task Parse_UserLogin_RefreshTokenIsExchanged()
    {
        var file = Parse(_google.MakeUser(Person).Json);

        var token = await file.Source.GetAccessTokenAsync(["ignored"], Cancellation);

        Assert.Equal("authorized_user", file.Type);
        Assert.InRange(token.ExpiresAt, DateTimeOffset.UtcNow.AddSeconds(3500), DateTimeOffset.UtcNow.AddSeconds(3600));
        // A refresh token keeps the scopes that the person consented to.
        Assert.Equal([new("access_token", null, Person)], _google.Calls);
        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => file.Source.GetIdentityTokenAsync(new("x"), Cancellation));
        Assert.Equal(TokenSourceFault.NotOffered, failure.Fault);
    }

    [Fact]
    public async Task Parse_UserLoginThatWasRevoked_RejectedNamingTheCommand()
    {
        var file = Parse(StandIns.UserLogin.Make(Person).Json);

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => file.Source.GetAccessTokenAsync([], Cancellation));

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Equal(
            $"{_google.TokenUrl} refused the login in /adc.json (HTTP 400, invalid_grant: Token has been expired or revoked). "
            + "It expired or was revoked. Log in again: gcloud auth application-default login.",
            failure.Message);
    }

    [Fact]
    public async Task Parse_ServiceAccountKey_AssertionIsExchanged()
    {
        await Parse(_google.MakeClient(Target).Json).Source.GetAccessTokenAsync(["a"], Cancellation);

        Assert.Equal([new("access_token", null, Target, "a")], _google.Calls);
    }

    // What gcloud auth application-default login --impersonate-service-account writes.
    [Fact]
    public async Task Parse_ImpersonatedLogin_TokensOfTheAccount()
    {
        _google.AddTokenCreator(Person, "middle@p.iam.gserviceaccount.com");
        _google.AddTokenCreator("middle@p.iam.gserviceaccount.com", Target);
        var file = Parse(new JsonObject
        {
            ["type"] = "impersonated_service_account",
            ["delegates"] = new JsonArray("projects/-/serviceAccounts/middle@p.iam.gserviceaccount.com"),
            ["service_account_impersonation_url"] = $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Target}:generateAccessToken",
            ["source_credentials"] = JsonNode.Parse(_google.MakeUser(Person).Json),
        }.ToJsonString());

        await file.Source.GetAccessTokenAsync(["a"], Cancellation);

        Assert.Equal(Target, file.Source.Describe().Principal);
        Assert.Equal(
            new TokenCall("access_token", null, Person, "a", Target: Target, Delegates: "middle@p.iam.gserviceaccount.com", Lifetime: 3600), _google.Calls[^1]);
    }

    [Theory]
    [InlineData("{}", "/adc.json is an object without \"type\", which tokens cannot be made with.")]
    [InlineData("""{"type": "gdch_service_account"}""", "is a service account of Google Distributed Cloud, which")]
    [InlineData("""{"installed": {}}""", "is an OAuth client of an application, which")]
    [InlineData("""{"type": "authorized_user", "client_id": "a"}""", "\"client_secret\" of /adc.json is missing")]
    [InlineData("""{"type": "authorized_user", "client_id": 1}""", "\"client_id\" of /adc.json is a JSON number where a string belongs.")]
    [InlineData("""{"type": "impersonated_service_account"}""", "\"source_credentials\" of /adc.json is missing")]
    [InlineData("""{"type": "impersonated_service_account", "source_credentials": {"type": "authorized_user"}}""", "\"source_credentials.client_id\" of /adc.json is missing")]
    [InlineData("""{"type": "service_account", "universe_domain": "a b"}""", "\"universe_domain\" of /adc.json is not a domain. Give one as in \"googleapis.com\".")]
    [InlineData("""{"type": "external_account_authorized_user", "universe_domain": "https://x"}""", "\"universe_domain\" of /adc.json is not a domain.")]
    [InlineData("""{"type": "impersonated_service_account", "source_credentials": {"type": "authorized_user", "universe_domain": "x/y"}}""", "\"source_credentials.universe_domain\" of /adc.json is not a domain.")]
    [InlineData("[]", "/adc.json holds a JSON array, not the object of a credential file of Google's.")]
    [InlineData("x", "/adc.json is not JSON (line 1, column 1); a credential file of Google's was expected.")]
    public void Parse_WrongFile_SaysWhatItIs(string text, string sentence)
    {
        var failure = Assert.Throws<TokenSourceException>(() => Parse(text));

        Assert.Equal(TokenSourceFault.Unusable, failure.Fault);
        Assert.Contains(sentence, failure.Message);
    }

    private CredentialFile Parse(string json) => CredentialFile.Parse(
        Encoding.UTF8.GetBytes(json),
        "/adc.json",
        new(TimeProvider.System, new(new Uri(_google.Url), new Uri(_google.Url), new Uri(_google.Url)), false, new Dictionary<string, string>()));
}
