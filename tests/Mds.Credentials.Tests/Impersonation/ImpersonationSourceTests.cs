using System.Text;
using StandIns;

namespace Mds.Credentials.Tests.Impersonation;

public sealed class ImpersonationSourceTests : IAsyncLifetime
{
    private const string Caller = "caller@my-project.iam.gserviceaccount.com";
    private const string Middle = "middle@my-project.iam.gserviceaccount.com";
    private const string Target = "app@my-project.iam.gserviceaccount.com";

    private static readonly KeyFile Key = KeyFile.Make(Caller, GoogleStandIn.GoogleTokenUrl);

    private GoogleStandIn _google = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GoogleEndpoints Endpoints => new(new Uri(_google.Url), new Uri(_google.Url), new Uri(_google.Url));

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        _google.AddClient(Caller, Key.PublicPem);
    }

    public ValueTask DisposeAsync() => _google.DisposeAsync();

    [Fact]
    public async Task GetAccessToken_MayImpersonate_AskedForWithScopesAndLifetime()
    {
        _google.AddTokenCreator(Caller, Target);
        var source = Source(new(Target, [], TimeSpan.FromMinutes(20)));

        var token = await source.GetAccessTokenAsync(["a", "b"], Cancellation);

        Assert.Contains(token.Value, _google.IssuedTokens);
        Assert.InRange(token.ExpiresAt, DateTimeOffset.UtcNow.AddSeconds(1190), DateTimeOffset.UtcNow.AddSeconds(1201));
        Assert.Equal(
            [
                new("access_token", null, Caller, "https://www.googleapis.com/auth/cloud-platform"),
                new("access_token", null, Caller, "a b", Target: Target, Lifetime: 1200),
            ],
            _google.Calls);
        Assert.Equal(new TokenSourceDescription("impersonation", Target, "my-project"), source.Describe());
    }

    [Fact]
    public async Task GetAccessToken_NoScopes_CloudPlatform()
    {
        _google.AddTokenCreator(Caller, Target);

        await Source(new(Target)).GetAccessTokenAsync([], Cancellation);

        Assert.Equal("https://www.googleapis.com/auth/cloud-platform", _google.Calls[^1].Scope);
    }

    [Fact]
    public async Task GetTokens_SeveralAtOnce_SourceTokenAskedForOnce()
    {
        _google.AddTokenCreator(Caller, Target);
        var source = Source(new(Target));

        var tokens = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => source.GetIdentityTokenAsync(new($"https://{i}"), Cancellation)));

        Assert.Equal(8, tokens.Select(token => token.Value).Distinct().Count());
        Assert.All(tokens, token => Assert.Equal(Jwt.ExpiresAt(token.Value), token.ExpiresAt));
        Assert.Equal(9, _google.Calls.Count);
        Assert.Single(_google.Calls, call => call.Target is null);
    }

    [Fact]
    public async Task GetTokens_Delegates_PassedAsAChain()
    {
        _google.AddTokenCreator(Caller, Middle);
        _google.AddTokenCreator(Middle, Target);

        await Source(new(Target, [Middle], TimeSpan.FromHours(1))).GetIdentityTokenAsync(new("https://service.example"), Cancellation);

        Assert.Equal(
            new TokenCall("id_token", null, Caller, TargetAudience: "https://service.example", Target: Target, Delegates: Middle), _google.Calls[^1]);
    }

    [Fact]
    public async Task GetTokens_RoleMissing_RejectedNamingRoleMemberAndCommand()
    {
        _google.AddTokenCreator(Middle, Target);

        var failure = await FailureAsync(Source(new(Target)));

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Equal(
            $"{_google.Url}/v1/projects/-/serviceAccounts/app%40my-project.iam.gserviceaccount.com:generateAccessToken refused to make "
            + $"tokens of {Target} for {Caller} (HTTP 403, PERMISSION_DENIED: Permission 'iam.serviceAccounts.getAccessToken' denied on "
            + "resource (or it may not exist)). Grant it roles/iam.serviceAccountTokenCreator there: gcloud iam service-accounts "
            + $"add-iam-policy-binding {Target} --role=roles/iam.serviceAccountTokenCreator --member=serviceAccount:{Caller}. "
            + "It may take a few minutes to be in force.",
            failure.Message);
    }

    [Fact]
    public async Task GetTokens_RoleMissingInAChain_RejectedNamingTheChain()
    {
        _google.AddTokenCreator(Caller, Middle);
        _google.AddTokenCreator("nobody@p", Target);

        var failure = await FailureAsync(Source(new(Target, [Middle], TimeSpan.FromHours(1))));

        Assert.EndsWith(
            $"Each account of the chain needs roles/iam.serviceAccountTokenCreator on the next: {Caller} → {Middle} → {Target}.",
            failure.Message);
    }

    [Fact]
    public async Task GetTokens_NoSuchAccount_RejectedSayingSo() => Assert.EndsWith(
        "There is no such service account; check its e-mail address.", (await FailureAsync(Source(new("gone@my-project.iam.gserviceaccount.com")))).Message);

    [Fact]
    public async Task GetTokens_LifetimeThatIsNotAllowed_RejectedNamingThePolicy()
    {
        _google.AddTokenCreator(Caller, Target);

        var failure = await FailureAsync(Source(new(Target, [], TimeSpan.FromHours(2))));

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains("constraints/iam.allowServiceAccountCredentialLifetimeExtension", failure.Message);
    }

    [Fact]
    public async Task GetTokens_SourceRefused_ItsOwnReason()
    {
        var stranger = KeyFile.Make(Caller, GoogleStandIn.GoogleTokenUrl);

        var failure = await FailureAsync(Source(new(Target), stranger));

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains($"refused the key of {Caller}", failure.Message);
    }

    // A login that was revoked, an account that was disabled and is enabled again.
    [Fact]
    public async Task GetTokens_SourceTokenRevoked_NextCallBringsAnother()
    {
        _google.AddTokenCreator(Caller, Target);
        var source = Source(new(Target));
        await source.GetAccessTokenAsync([], Cancellation);
        _google.Behaviour = new(
            Status: 401, Body: """{"error": {"code": 401, "message": "Invalid credentials", "status": "UNAUTHENTICATED"}}""", Only: "generateAccessToken");
        Assert.Contains("may have been disabled", (await FailureAsync(source)).Message);

        _google.Behaviour = new();
        await source.GetAccessTokenAsync([], Cancellation);

        Assert.Equal(2, _google.Calls.Count(call => call.Target is null));
    }

    [Theory]
    [InlineData(503, "down")]
    [InlineData(429, """{"error": {"code": 429, "message": "Quota exceeded", "status": "RESOURCE_EXHAUSTED"}}""")]
    [InlineData(403, "<html>Blocked</html>")]
    [InlineData(302, "")]
    [InlineData(200, "<html>Sign in</html>")]
    [InlineData(200, "{}")]
    [InlineData(200, """{"accessToken": "x", "expireTime": "soon"}""")]
    public async Task GetTokens_AnswerThatIsNone_Unavailable(int status, string body)
    {
        _google.AddTokenCreator(Caller, Target);
        _google.Behaviour = new(Status: status, Body: body, Only: "generateAccessToken");

        var failure = await FailureAsync(Source(new(Target)));

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.StartsWith($"{_google.Url}/v1/projects/-/serviceAccounts/", failure.Message);
    }

    [Fact]
    public async Task GetTokens_NobodyListens_Unavailable()
    {
        var endpoints = Endpoints with { IamCredentials = new Uri("http://127.0.0.1:1") };
        var source = new ImpersonationSource(KeySource(Key), new(Target), endpoints, null, TimeProvider.System);

        var failure = await FailureAsync(source);

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains("could not be reached: Connection refused", failure.Message);
    }

    private static async Task<TokenSourceException> FailureAsync(ImpersonationSource source) =>
        await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));

    private ImpersonationSource Source(ImpersonationTarget target, KeyFile? key = null) =>
        new(KeySource(key ?? Key), target, Endpoints, null, TimeProvider.System);

    private ServiceAccountKeySource KeySource(KeyFile key) =>
        new(ServiceAccountKey.Parse(Encoding.UTF8.GetBytes(key.Json), "/k.json"), TimeProvider.System, useOauthToken: true, Endpoints);
}
