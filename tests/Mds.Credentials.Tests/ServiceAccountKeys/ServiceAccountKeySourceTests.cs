using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Credentials.Tests.ServiceAccountKeys;

public sealed class ServiceAccountKeySourceTests : IAsyncLifetime
{
    private const string Email = "app@my-project.iam.gserviceaccount.com";

    // Keys are slow to make; the tests share these.
    private static readonly KeyFile Good = KeyFile.Make(Email, GoogleStandIn.GoogleTokenUrl);
    private static readonly KeyFile Wrong = KeyFile.Make(Email, GoogleStandIn.GoogleTokenUrl);

    private GoogleStandIn _google = null!;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        _google.AddClient(Email, Good.PublicPem);
    }

    public ValueTask DisposeAsync() => _google.DisposeAsync();

    [Fact]
    public async Task GetAccessToken_NoScopes_CloudPlatform()
    {
        var before = DateTimeOffset.UtcNow;
        var token = await Source(Good).GetAccessTokenAsync([], Cancellation);

        Assert.StartsWith("ya29.c.", token.Value, StringComparison.Ordinal);
        Assert.InRange(token.ExpiresAt, before.AddSeconds(3598), DateTimeOffset.UtcNow.AddSeconds(3600));
        var call = Assert.Single(_google.Calls);
        Assert.Equal(
            new TokenCall("access_token", null, Email, "https://www.googleapis.com/auth/cloud-platform"), call);
    }

    [Fact]
    public async Task GetAccessToken_Scopes_AskedForAsGiven()
    {
        await Source(Good).GetAccessTokenAsync(["a", "b"], Cancellation);

        Assert.Equal("a b", Assert.Single(_google.Calls).Scope);
    }

    [Fact]
    public async Task GetIdentityToken_Audience_SignedForIt()
    {
        var token = await Source(Good)
            .GetIdentityTokenAsync(new("https://service.example/a?b=c&d"), Cancellation);

        Assert.Equal("https://service.example/a?b=c&d", Assert.Single(_google.Calls).TargetAudience);
        Assert.Equal(Jwt.ExpiresAt(token.Value), token.ExpiresAt);
        Assert.Contains("https://service.example/a?b=c&d", Payload(token.Value)["aud"]!.ToString(), StringComparison.Ordinal);
    }

    // Nobody is asked; Google's APIs verify the signature, as the stand-in does where the token is used.
    [Fact]
    public async Task GetAccessToken_WithoutOauth_SignedHereWithTheScopes()
    {
        var source = new ServiceAccountKeySource(Parse(Good), TimeProvider.System, useOauthToken: false);

        var token = await source.GetAccessTokenAsync(["a", "b"], Cancellation);

        Assert.Empty(_google.Calls);
        Assert.Equal(Jwt.ExpiresAt(token.Value), token.ExpiresAt.AddMinutes(10));
        var claims = Payload(token.Value);
        Assert.Equal((Email, Email, "a b"), ((string?)claims["iss"], (string?)claims["sub"], (string?)claims["scope"]));
        Assert.Equal(["iss", "sub", "scope", "iat", "exp"], claims.Select(claim => claim.Key));
        Assert.Equal(3600, (long)claims["exp"]! - (long)claims["iat"]!);
        // Identity tokens are Google's all the same.
        await source.GetIdentityTokenAsync(new("aud"), Cancellation);
        Assert.Equal("id_token", Assert.Single(_google.Calls).Outcome);
    }

    // Other universes have no token endpoint (google-auth-library-python): IAM there makes the identity tokens.
    [Fact]
    public async Task GetTokens_AnotherUniverse_SignedHereAndByIam()
    {
        var file = Good with { Json = Good.Json.Replace("\"googleapis.com\"", "\"universe.example\"", StringComparison.Ordinal) };
        var source = new ServiceAccountKeySource(
            Parse(file), TimeProvider.System, useOauthToken: true, new GoogleEndpoints(IamCredentials: new Uri(_google.Url)));

        await source.GetAccessTokenAsync(["a"], Cancellation);
        await source.GetIdentityTokenAsync(new("aud"), Cancellation);

        Assert.Equal([new TokenCall("id_token", null, Email, TargetAudience: "aud", Target: Email)], _google.Calls);
    }

    [Fact]
    public async Task GetTokens_EndpointOfOnesOwn_TakesThePlaceOfGoogles()
    {
        var key = ServiceAccountKey.Parse(Encoding.UTF8.GetBytes(Good.Json), "/k.json");
        var source = new ServiceAccountKeySource(key, TimeProvider.System, useOauthToken: true, new GoogleEndpoints(OAuth2: new Uri(_google.Url)));

        await source.GetAccessTokenAsync([], Cancellation);

        Assert.Single(_google.Calls);
    }

    [Fact]
    public async Task GetTokens_KeyOfAnotherAccount_Rejected()
    {
        var failure = await FailureAsync(Source(Wrong));
        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Equal(
            $"{_google.TokenUrl} refused the key of {Email} (HTTP 400, invalid_grant: Invalid JWT Signature). "
            + "The private key is not one of the account's keys: it was deleted, or it belongs to another account. Make a new key.",
            failure.Message);
    }

    [Fact]
    public async Task GetTokens_UnknownAccount_Rejected()
    {
        var failure = await FailureAsync(Source(Good with { Json = Good.Json.Replace(Email, "gone@p.iam.gserviceaccount.com", StringComparison.Ordinal) }));
        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains("does not exist any more or is disabled", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-70)]
    [InlineData(20)]
    public async Task GetTokens_ClockIsWrong_RejectedNamingTheClock(int minutes)
    {
        var clock = new ManualTime();
        clock.Advance(DateTimeOffset.UtcNow.AddMinutes(minutes) - clock.GetUtcNow());

        var failure = await FailureAsync(Source(Good, clock));
        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains("Compare this machine's clock", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(429)]
    public async Task GetTokens_IssuerFails_UnavailableAfterOneCall(int status)
    {
        _google.Behaviour = new(Status: status);

        var failure = await FailureAsync(Source(Good));
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Equal($"{_google.TokenUrl} could not answer (HTTP {status}, not an OAuth answer).", failure.Message);
        Assert.Equal(2, _google.Calls.Count);
    }

    [Theory]
    [InlineData(200, "<html>Sign in</html>")]
    [InlineData(403, "<html>Blocked</html>")]
    [InlineData(407, "Proxy authentication required")]
    public async Task GetTokens_AnswerOfSomethingElse_UnavailableNamingTheAddress(int status, string body)
    {
        _google.Behaviour = new(Status: status, Body: body);

        var failure = await FailureAsync(Source(Good));
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Equal(
            $"{_google.TokenUrl} answered HTTP {status}, and not as a token endpoint does. "
            + "Check \"token_uri\" in the key file, and what stands between this machine and it.",
            failure.Message);
    }

    [Theory]
    [InlineData(200, "null")]
    [InlineData(404, "")]
    [InlineData(503, "")]
    public async Task GetTokens_AnswerHoldsNothing_Unavailable(int status, string body)
    {
        _google.Behaviour = new(Status: status, Body: body);

        var failure = await FailureAsync(Source(Good));
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains("answered without a token that can be read", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTokens_NobodyListens_Unavailable()
    {
        var source = Source(Good);
        await _google.DisposeAsync();

        var failure = await FailureAsync(source);
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains("could not be reached: Connection refused", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTokens_NameDoesNotResolve_Unavailable()
    {
        var failure = await FailureAsync(Source(Good.PointingAt("http://nowhere.invalid/token")));
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.StartsWith("http://nowhere.invalid/token could not be reached: ", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetTokens_CallerCancels_Cancelled()
    {
        _google.Behaviour = new(DelayMilliseconds: int.MaxValue);
        var source = Source(Good);
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var call = source.GetAccessTokenAsync([], cancellation.Token);
        await Eventually.TrueAsync(() => _google.Calls.Count == 1);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData("assertion eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJhIn0.c2lnbmF0dXJl refused")]
    [InlineData("key MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj refused")]
    public void Translate_IssuerSendsASecretBack_LeftOut(string description)
    {
        var failures = new TokenExchangeFailures(Email, new("https://user:password@issuer.example/token?key=1"), TimeSpan.FromSeconds(8));
        var failure = failures.Translate(new Google.Apis.Auth.OAuth2.Responses.TokenResponseException(
            new() { Error = "invalid_grant", ErrorDescription = description + "\n" }, HttpStatusCode.BadRequest));

        Assert.Contains("(token) refused", failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("MII", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("password", failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("key=1", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everything_EveryFault_HoldsNoSecret()
    {
        var said = new StringBuilder();
        foreach (var (file, behaviour) in new (KeyFile, Behaviour)[]
        {
            (Good, new()), (Wrong, new()), (Good, new(Status: 500)), (Good, new(Status: 403)), (Good, new(Status: 200)),
        })
        {
            _google.Behaviour = behaviour;
            var key = Parse(file);
            using var cache = new TokenCache("default", new ServiceAccountKeySource(key, TimeProvider.System), TimeProvider.System);
            said.Append(key).Append(cache.Description);
            try
            {
                said.Append(await cache.GetAccessTokenAsync([], Cancellation));
                said.Append(await cache.GetIdentityTokenAsync(new("aud"), Cancellation));
            }
            catch (TokenSourceException e)
            {
                said.Append(e);
            }

            said.Append(cache.State);
        }

        Assert.Contains("access token that expires", said.ToString(), StringComparison.Ordinal);
        Assert.Contains("HTTP 403", said.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(_google.IssuedTokens);
        Assert.All(
            _google.IssuedTokens.Concat(SecretLines(Good)).Concat(SecretLines(Wrong)),
            secret => Assert.DoesNotContain(secret, said.ToString(), StringComparison.Ordinal));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static IEnumerable<string> SecretLines(KeyFile file) =>
        JsonNode.Parse(file.Json)!["private_key"]!.GetValue<string>().Split('\n')[1..^2].Select(line => line[..16]);

    private ServiceAccountKeySource Source(KeyFile file, TimeProvider? time = null) => new(Parse(file), time ?? TimeProvider.System);

    private ServiceAccountKey Parse(KeyFile file) =>
        ServiceAccountKey.Parse(Encoding.UTF8.GetBytes(file.PointingAt(_google.TokenUrl).Json), "/k.json");

    private static JsonObject Payload(string token) =>
        JsonSerializer.Deserialize<JsonObject>(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]))!;

    // Both kinds of token go the same way, so they fail in the same words.
    private static async Task<TokenSourceException> FailureAsync(ServiceAccountKeySource source)
    {
        var access = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));
        var identity = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetIdentityTokenAsync(new("aud"), Cancellation));
        Assert.Equal((access.Fault, access.Message), (identity.Fault, identity.Message));
        return access;
    }
}
