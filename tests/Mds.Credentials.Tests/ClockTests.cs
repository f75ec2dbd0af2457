using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Credentials.Tests;

/// <summary>
/// This machine's clock is ten minutes off. Google, which goes by its own, is the stand-in; where tokens come all the same they
/// are good for as long as they are said to be, and elsewhere the reason names the clock.
/// </summary>
public sealed class ClockTests : IAsyncLifetime
{
    private const string Email = "app@my-project.iam.gserviceaccount.com";
    private const string Target = "target@my-project.iam.gserviceaccount.com";
    private const string AwsProvider = OutsideIssuer.ProviderName + "-aws";

    private static readonly KeyFile Key = KeyFile.Make(Email, GoogleStandIn.GoogleTokenUrl);
    private static readonly AwsIdentity Aws = new("arn:aws:sts::1:assumed-role/app", "AKIDTEST", "secret", null);

    private readonly OutsideIssuer _outside = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mds-clock-").FullName;
    private GoogleStandIn _google = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private GoogleEndpoints Endpoints => new(new Uri(_google.Url), new Uri(_google.Url), new Uri(_google.Url));

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        _google.AddClient(Email, Key.PublicPem);
        _google.AddTokenCreator(Email, Target);
        _google.AddTokenCreator(OutsideIssuer.Principal, Target);
        _google.AddProvider(_outside.Provider);
        _google.AddProvider(new(AwsProvider, null) { AwsIdentities = [Aws] });
        await File.WriteAllTextAsync(Path.Combine(_folder, "token"), _outside.Token(), Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _google.DisposeAsync();
        _outside.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task GetTokens_KeyExchange_Survives(int minutes) =>
        await AssertSurvivesAsync(KeySource(minutes, useOauthToken: true), minutes, life: 3599);

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task GetTokens_Impersonation_Survives(int minutes) => await AssertSurvivesAsync(
        new ImpersonationSource(KeySource(minutes, useOauthToken: true), new(Target), Endpoints, null, Clock(minutes)), minutes, life: 3599);

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task GetTokens_ImpersonationBySelfSignedKey_Survives(int minutes) => await AssertSurvivesAsync(
        new ImpersonationSource(KeySource(minutes, useOauthToken: false), new(Target), Endpoints, null, Clock(minutes)), minutes, life: 3599);

    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task GetTokens_FederationAndImpersonation_Survives(int minutes) => await AssertSurvivesAsync(
        Credentials.Federation.FromProvider(OutsideIssuer.ProviderName, Path.Combine(_folder, "token"), Target, Surroundings(minutes)), minutes, life: 3599);

    // Without asking anybody: the token has to be good by any clock that is no more wrong than this one, from its first to its last moment.
    [Theory]
    [InlineData(-10)]
    [InlineData(10)]
    public async Task GetAccessToken_SelfSigned_IsGoodByGooglesClockAsLongAsItIsServed(int minutes)
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);

        var token = await KeySource(minutes, useOauthToken: false).GetAccessTokenAsync(["a"], Cancellation);

        var claims = JsonSerializer.Deserialize<JsonObject>(Base64Url.DecodeFromChars(token.Value.Split('.')[1]))!;
        var (issued, expires) = (Moment("iat"), Moment("exp"));
        var servedUntil = token.ExpiresAt.AddMinutes(-minutes);
        Assert.Equal(TimeSpan.FromHours(1), expires - issued);
        Assert.True(issued <= DateTimeOffset.UtcNow, "Google would say that the token comes from the future.");
        Assert.True(expires >= servedUntil, "Google would say that a token has expired which is still served.");
        Assert.InRange(servedUntil, before.AddMinutes(40), DateTimeOffset.UtcNow.AddMinutes(40));

        DateTimeOffset Moment(string claim) => DateTimeOffset.FromUnixTimeSeconds((long)claims[claim]!);
    }

    [Theory]
    [InlineData(-10, "Signature expired")]
    [InlineData(10, "Signature not yet current")]
    public async Task GetAccessToken_SignedForAws_NamesTheClock(int minutes, string reason)
    {
        var config = new JsonObject
        {
            ["type"] = "external_account",
            ["audience"] = "//iam.googleapis.com/" + AwsProvider,
            ["subject_token_type"] = "urn:ietf:params:aws:token-type:aws4_request",
            ["credential_source"] = new JsonObject
            {
                ["environment_id"] = "aws1",
                ["regional_cred_verification_url"] = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
            },
        };
        var source = Credentials.Federation.FromFile(Encoding.UTF8.GetBytes(config.ToJsonString()), "config.json", Surroundings(minutes));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains(reason, failure.Message, StringComparison.Ordinal);
        Assert.Contains("compare this machine's clock with the issuer's", failure.Message, StringComparison.Ordinal);
    }

    // Impersonation tells the end of its tokens by Google's clock; one that would have ended by this machine's is not served on.
    [Fact]
    public async Task GetAccessToken_ImpersonationOfTenMinutes_SurvivesOrNamesTheClock()
    {
        var source = new ImpersonationSource(
            KeySource(10, useOauthToken: true), new(Target, [], TimeSpan.FromMinutes(10)), Endpoints, null, Clock(10));
        using var cache = new TokenCache("default", source, Clock(10));

        var failure = await Assert.ThrowsAsync<TokenSourceException>(async () => await cache.GetAccessTokenAsync([], Cancellation));

        Assert.Contains("compare this machine's clock with the issuer's", failure.Message, StringComparison.Ordinal);
    }

    // The local issuer goes by this machine's clock; here a replica that has the right time looks at its tokens.
    [Theory]
    [InlineData(-10, "3000")]
    [InlineData(10, "4200")]
    public async Task GetTokens_LocalIssuer_AReplicaWithTheRightTimeTakesThem(int minutes, string secondsLeft)
    {
        var issuer = new LocalIssuer("http://issuer.test");
        var now = new ManualTime();
        var clock = new ManualTime();
        clock.Advance(TimeSpan.FromHours(1) + TimeSpan.FromMinutes(minutes));
        now.Advance(TimeSpan.FromHours(1));
        var source = new LocalIssuerSource(issuer, Email, clock);

        var access = TokenInfo.OfAccessToken((await source.GetAccessTokenAsync(["a"], Cancellation)).Value, [issuer], now.GetUtcNow());
        var identity = TokenInfo.OfIdentityToken((await source.GetIdentityTokenAsync(new("x"), Cancellation)).Value, [issuer], now.GetUtcNow());

        Assert.True(identity.IsValid);
        Assert.Equal(secondsLeft, (string?)JsonNode.Parse(access.Document.Span)!["expires_in"]);
    }

    private async Task AssertSurvivesAsync(ITokenSource source, int minutes, int life)
    {
        using var cache = new TokenCache("default", source, Clock(minutes));
        var before = DateTimeOffset.UtcNow;

        var access = await cache.GetAccessTokenAsync([], Cancellation);
        var identity = await cache.GetIdentityTokenAsync(new("https://service.example"), Cancellation);

        Assert.Contains(access.Value, _google.IssuedTokens);
        Assert.Contains(identity.Value, _google.IssuedTokens);
        // Never beyond its end by Google's clock, and not much less.
        var servedUntil = access.ExpiresAt.AddMinutes(-minutes);
        Assert.InRange(servedUntil, before.AddSeconds(life - 601), DateTimeOffset.UtcNow.AddSeconds(life + 1));
    }

    private ServiceAccountKeySource KeySource(int minutes, bool useOauthToken) => new(
        ServiceAccountKey.Parse(Encoding.UTF8.GetBytes(Key.PointingAt(_google.TokenUrl).Json), "/k.json"), Clock(minutes), useOauthToken, Endpoints);

    private SourceSurroundings Surroundings(int minutes) => new(Clock(minutes), Endpoints, AllowExecutables: false, new Dictionary<string, string>
    {
        ["AWS_REGION"] = "eu-west-3", ["AWS_ACCESS_KEY_ID"] = Aws.AccessKeyId, ["AWS_SECRET_ACCESS_KEY"] = Aws.SecretAccessKey,
    });

    private static AheadTime Clock(int minutes) => new(TimeSpan.FromMinutes(minutes));

    private sealed class AheadTime(TimeSpan ahead) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + ahead;
    }
}
