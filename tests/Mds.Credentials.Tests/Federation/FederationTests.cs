using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StandIns;

namespace Mds.Credentials.Tests.Federation;

public sealed class FederationTests : IAsyncLifetime
{
    private const string Target = "app@my-project.iam.gserviceaccount.com";

    private readonly OutsideIssuer _outside = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("mds-federation-").FullName;
    private readonly Dictionary<string, string> _variables = [];
    private GoogleStandIn _google = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string TokenFile => Path.Combine(_folder, "token");

    private SourceSurroundings Surroundings => new(
        TimeProvider.System, new(new Uri(_google.Url), new Uri(_google.Url), new Uri(_google.Url)), AllowExecutables: true, _variables);

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        _google.AddProvider(_outside.Provider);
        await File.WriteAllTextAsync(TokenFile, _outside.Token() + "\n", Cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _google.DisposeAsync();
        _outside.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task GetAccessToken_File_ExchangedForTheIdentityItself()
    {
        var source = Source(Config(new() { ["file"] = TokenFile }));

        var token = await source.GetAccessTokenAsync(["a", "b"], Cancellation);

        Assert.Contains(token.Value, _google.IssuedTokens);
        Assert.Equal([new("access_token", null, OutsideIssuer.Principal, "a b")], _google.Calls);
        Assert.Equal(new TokenSourceDescription("workloadIdentity", null), source.Describe());
        var failure = await Assert.ThrowsAsync<TokenSourceException>(() => source.GetIdentityTokenAsync(new("x"), Cancellation));
        Assert.Equal(TokenSourceFault.NotOffered, failure.Fault);
    }

    [Fact]
    public async Task GetTokens_ImpersonationUrl_OfTheServiceAccount()
    {
        _google.AddTokenCreator(OutsideIssuer.Principal, Target);
        var config = Config(new() { ["file"] = TokenFile });
        config["service_account_impersonation_url"] = $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Target}:generateAccessToken";
        config["service_account_impersonation"] = new JsonObject { ["token_lifetime_seconds"] = 1800 };
        var source = Source(config);

        await source.GetAccessTokenAsync(["a"], Cancellation);
        await source.GetIdentityTokenAsync(new("https://service.example"), Cancellation);

        Assert.Equal(
            [
                new("access_token", null, OutsideIssuer.Principal, "https://www.googleapis.com/auth/cloud-platform"),
                new("access_token", null, OutsideIssuer.Principal, "a", Target: Target, Lifetime: 1800),
                new("id_token", null, OutsideIssuer.Principal, TargetAudience: "https://service.example", Target: Target),
            ],
            _google.Calls);
        Assert.Equal(Target, source.Describe().Principal);
    }

    [Fact]
    public async Task GetTokens_ProviderAndTokenFile_NothingElseNeeded()
    {
        _google.AddTokenCreator(OutsideIssuer.Principal, Target);
        var source = Credentials.Federation.FromProvider(OutsideIssuer.ProviderName, TokenFile, Target, Surroundings);

        await source.GetAccessTokenAsync([], Cancellation);

        Assert.Equal(Target, _google.Calls[^1].Target);
    }

    [Fact]
    public async Task GetTokens_RoleMissing_RejectedNamingTheIdentity()
    {
        _google.AddTokenCreator("somebody@else", Target);
        var source = Credentials.Federation.FromProvider(OutsideIssuer.ProviderName, TokenFile, Target, Surroundings);

        var failure = await FailureAsync(source);

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains(
            $"gcloud iam service-accounts add-iam-policy-binding {Target} --role=roles/iam.workloadIdentityUser "
            + "--member='principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/pool/subject/SUBJECT'",
            failure.Message);
    }

    [Fact]
    public async Task GetAccessToken_FileReplaced_NewTokenIsExchanged()
    {
        var source = Source(Config(new() { ["file"] = TokenFile }));
        await File.WriteAllTextAsync(TokenFile, _outside.Token(secondsLeft: -60), Cancellation);
        Assert.Contains("The token has expired", (await FailureAsync(source)).Message);

        await File.WriteAllTextAsync(TokenFile, _outside.Token(), Cancellation);

        await source.GetAccessTokenAsync([], Cancellation);
    }

    [Fact]
    public async Task GetAccessToken_JsonFile_TakesTheField()
    {
        await File.WriteAllTextAsync(TokenFile, new JsonObject { ["t"] = _outside.Token() }.ToJsonString(), Cancellation);

        await Source(Config(new() { ["file"] = TokenFile, ["format"] = Json("t") })).GetAccessTokenAsync([], Cancellation);

        Assert.True(Assert.Single(_google.Calls).Accepted);
        var failure = await FailureAsync(Source(Config(new() { ["file"] = TokenFile, ["format"] = Json("other") })));
        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.StartsWith($"{TokenFile} is not a JSON object with a string \"other\"", failure.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAccessToken_Url_AskedWithItsHeaders(bool json)
    {
        await using var server = await NearbyAsync(app => app.MapGet("/token", (HttpRequest request) =>
            request.Headers["Metadata"] == "True" && request.Query["resource"] == "x"
                ? Results.Text(json ? new JsonObject { ["access_token"] = _outside.Token() }.ToJsonString() : _outside.Token())
                : Results.StatusCode(400)));
        var source = new JsonObject
        {
            ["url"] = server.Urls.First() + "/token?resource=x",
            ["headers"] = new JsonObject { ["Metadata"] = "True" },
        };
        if (json)
        {
            source["format"] = Json("access_token");
        }

        await Source(Config(source)).GetAccessTokenAsync([], Cancellation);

        source = source.DeepClone().AsObject();
        source.Remove("headers");
        var failure = await FailureAsync(Source(Config(source)));
        Assert.Equal(
            (TokenSourceFault.Unavailable, $"{server.Urls.First()}/token gave no token to exchange: it answered HTTP 400."),
            (failure.Fault, failure.Message));
    }

    [Fact]
    public async Task GetAccessToken_Executable_ItsTokenIsExchanged()
    {
        var program = Program(
            """
            [ "$GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE" = 0 ] && [ "$1" = one ] && [ "$2" = two ] || exit 7
            echo "{\"version\": 1, \"success\": true, \"token_type\": \"$GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE\", \"id_token\": \"$(cat TOKENFILE)\"}"
            """);
        var source = Source(Config(Executable($"{program} one  two")));

        await source.GetAccessTokenAsync([], Cancellation);

        Assert.Equal(OutsideIssuer.Principal, Assert.Single(_google.Calls).Issuer);
    }

    [Theory]
    [InlineData("exit 3", TokenSourceFault.Unavailable, "ended with exit code 3")]
    [InlineData("""echo '{"version": 1, "success": false, "code": "401", "message": "Log in first"}'""", TokenSourceFault.Rejected, "(401: Log in first)")]
    [InlineData("echo nothing", TokenSourceFault.Unavailable, "did not print the JSON object")]
    [InlineData("""echo '{"version": 1, "success": true, "saml_response": "x"}'""", TokenSourceFault.Unavailable, "printed no token of the type")]
    [InlineData("""echo '{"version": 1, "success": true, "id_token": "x", "expiration_time": 1}'""", TokenSourceFault.Unavailable, "has expired")]
    [InlineData("""echo '{"version": 1, "success": true, "id_token": "x", "expiration_time": -9223372036854775808}'""", TokenSourceFault.Unavailable, "has expired")]
    [InlineData("sleep 60", TokenSourceFault.Unavailable, "gave no token within 5 s")]
    public async Task GetAccessToken_ExecutableFails_SaysHow(string script, TokenSourceFault fault, string sentence)
    {
        var program = Program(script);

        var failure = await FailureAsync(Source(Config(Executable(program))));

        Assert.Equal(fault, failure.Fault);
        Assert.StartsWith($"The program {program} ", failure.Message);
        Assert.Contains(sentence, failure.Message);
    }

    [Fact]
    public async Task GetAccessToken_ExecutablesTokenWithoutAnEnd_IsExchanged()
    {
        var program = Program("""echo "{\"version\": 1, \"success\": true, \"id_token\": \"$(cat TOKENFILE)\", \"expiration_time\": 9223372036854775807}" """);

        await Source(Config(Executable(program))).GetAccessTokenAsync([], Cancellation);

        Assert.True(Assert.Single(_google.Calls).Accepted);
    }

    // A person may have to touch a security key meanwhile: timeout_millis goes up to two minutes, and the cache alone waits half of one.
    [Theory]
    [InlineData(false, 119)]
    [InlineData(true, 119)]
    [InlineData(false, 121)]
    [InlineData(true, 121)]
    public async Task GetAccessToken_ExecutableTakesLongerThanTheCacheWaits_ItsOwnLimitCounts(bool impersonated, int seconds)
    {
        _google.AddTokenCreator(OutsideIssuer.Principal, Target);
        var time = new ManualTime();
        time.Advance(DateTimeOffset.UtcNow - time.GetUtcNow());
        var (begun, done) = (Path.Combine(_folder, "begun"), Path.Combine(_folder, "done"));
        var executable = Executable(Program(
            $$"""
            touch {{begun}}
            while [ ! -e {{done}} ]; do sleep 0.1; done
            echo "{\"version\": 1, \"success\": true, \"id_token\": \"$(cat TOKENFILE)\"}"
            """));
        executable["executable"]!["timeout_millis"] = 120000;
        var config = Config(executable);
        if (impersonated)
        {
            config["service_account_impersonation_url"] = $"https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{Target}:generateAccessToken";
        }

        using var cache = new TokenCache("default", Source(config, Surroundings with { Time = time }), time);
        var waiting = cache.GetAccessTokenAsync([], Cancellation);
        await Eventually.TrueAsync(() => File.Exists(begun));
        time.Advance(TimeSpan.FromSeconds(seconds));
        if (seconds > 120)
        {
            var failure = await Assert.ThrowsAsync<TokenSourceException>(async () => await waiting);
            Assert.EndsWith("gave no token within 120 s.", failure.Message, StringComparison.Ordinal);
            return;
        }

        await File.WriteAllTextAsync(done, "", Cancellation);

        Assert.Contains((await waiting).Value, _google.IssuedTokens);
    }

    [Fact]
    public async Task GetAccessToken_ExecutablesOutputFile_SavesTheRun()
    {
        var output = Path.Combine(_folder, "output.json");
        var executable = Executable(Program("exit 1"));
        executable["executable"]!["output_file"] = output;
        await File.WriteAllTextAsync(
            output,
            new JsonObject
            {
                ["version"] = 1,
                ["success"] = true,
                ["token_type"] = ExternalAccount.JwtType,
                ["id_token"] = _outside.Token(),
                ["expiration_time"] = DateTimeOffset.UtcNow.AddMinutes(5).ToUnixTimeSeconds(),
            }.ToJsonString(),
            Cancellation);

        await Source(Config(executable)).GetAccessTokenAsync([], Cancellation);

        await File.WriteAllTextAsync(output, "{", Cancellation);
        Assert.Contains("exit code 1", (await FailureAsync(Source(Config(executable)))).Message);
    }

    [Fact]
    public void FromFile_ExecutableNotAllowed_RefusedSayingHowToAllow()
    {
        var failure = Assert.Throws<TokenSourceException>(
            () => Source(Config(Executable("/bin/true")), Surroundings with { AllowExecutables = false }));

        Assert.Equal(TokenSourceFault.Unusable, failure.Fault);
        Assert.Contains("GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES=1", failure.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAccessToken_AwsVariables_SignedRequestIsExchanged(bool session)
    {
        var identity = new AwsIdentity("arn:aws:sts::123456789012:assumed-role/app/i-1", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", session ? "session/token==" : null);
        AddAws(identity);
        _variables["AWS_REGION"] = "eu-west-3";
        _variables["AWS_ACCESS_KEY_ID"] = identity.AccessKeyId;
        _variables["AWS_SECRET_ACCESS_KEY"] = identity.SecretAccessKey;
        _variables["AWS_SESSION_TOKEN"] = identity.SessionToken ?? "";

        await Source(Aws(null)).GetAccessTokenAsync([], Cancellation);

        Assert.EndsWith($"/subject/{identity.Arn}", Assert.Single(_google.Calls).Issuer);
        _variables["AWS_SECRET_ACCESS_KEY"] = "another";
        var failure = await FailureAsync(Source(Aws(null)));
        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.Contains("refused the identity of this machine on AWS (HTTP 400, invalid_grant: The request signature", failure.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task GetAccessToken_AwsMachine_ItsRoleIsExchanged(bool withSessionToken)
    {
        var identity = new AwsIdentity("arn:aws:sts::123456789012:assumed-role/app/i-2", "ASIAEXAMPLE", "secret/of+the/role", "token//of==role");
        AddAws(identity);
        IResult IfAllowed(HttpRequest request, string answer) =>
            !withSessionToken || request.Headers["X-aws-ec2-metadata-token"] == "imds" ? Results.Text(answer) : Results.StatusCode(401);
        await using var machine = await NearbyAsync(app =>
        {
            app.MapPut("/latest/api/token", (HttpRequest request) =>
                request.Headers["X-aws-ec2-metadata-token-ttl-seconds"] == "300" ? Results.Text("imds") : Results.StatusCode(400));
            app.MapGet("/zone", (HttpRequest request) => IfAllowed(request, "us-east-2c"));
            app.MapGet("/credentials", (HttpRequest request) => IfAllowed(request, "app-role"));
            app.MapGet("/credentials/app-role", (HttpRequest request) => IfAllowed(request, new JsonObject
            {
                ["AccessKeyId"] = identity.AccessKeyId,
                ["SecretAccessKey"] = identity.SecretAccessKey,
                ["Token"] = identity.SessionToken,
            }.ToJsonString()));
        });
        var config = Aws(machine.Urls.First());
        if (withSessionToken)
        {
            config["credential_source"]!["imdsv2_session_token_url"] = machine.Urls.First() + "/latest/api/token";
        }

        await Source(config).GetAccessTokenAsync([], Cancellation);

        Assert.EndsWith($"/subject/{identity.Arn}", Assert.Single(_google.Calls).Issuer);
    }

    [Theory]
    [InlineData("/zone", "", "did not answer with a zone of AWS.")]
    [InlineData("/zone", "<html>Sign in, please</html>", "did not answer with a zone of AWS.")]
    [InlineData("/zone", "a@b:c/d]", "credential_source.regional_cred_verification_url is no web address any more with the region of AWS in it.")]
    [InlineData("/credentials", "", "did not answer with the name of a role.")]
    [InlineData("/credentials", "two\nroles", "did not answer with the name of a role.")]
    [InlineData("/credentials/app-role", "", "did not answer with the credentials of a role.")]
    [InlineData("/credentials/app-role", "[]", "did not answer with the credentials of a role.")]
    [InlineData("/credentials/app-role", """{"AccessKeyId": null, "SecretAccessKey": null}""", "did not answer with the credentials of a role.")]
    [InlineData("/credentials/app-role", """{"AccessKeyId": "id", "SecretAccessKey": ""}""", "did not answer with the credentials of a role.")]
    [InlineData("/credentials/app-role", """{"AccessKeyId": "id", "SecretAccessKey": "\ud800"}""", "did not answer with the credentials of a role.")]
    [InlineData("/latest/api/token", "one\r\ntwo", "did not answer with a token for its metadata.")]
    public async Task GetAccessToken_AwsMachineAnswersOtherwise_UnavailableInASentence(string path, string answer, string sentence)
    {
        var answers = new Dictionary<string, string>
        {
            ["/zone"] = "us-east-2c", ["/credentials"] = "app-role", ["/latest/api/token"] = "imds",
            ["/credentials/app-role"] = """{"AccessKeyId": "id", "SecretAccessKey": "key"}""",
            [path] = answer,
        };
        await using var machine = await NearbyAsync(app => app.Map("/{**path}", (HttpRequest request) => Results.Text(answers[request.Path])));
        var config = Aws(machine.Urls.First());
        config["credential_source"]!["regional_cred_verification_url"] = "https://sts.{region}:443/?Action=GetCallerIdentity";
        config["credential_source"]!["imdsv2_session_token_url"] = machine.Urls.First() + "/latest/api/token";

        var failure = await FailureAsync(Source(config));

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains(sentence, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAccessToken_AwsWithNothing_SaysWhatToSet()
    {
        var failure = await FailureAsync(Source(Aws(null)));

        Assert.Equal(
            (TokenSourceFault.Unusable, "The region on AWS is not known. Set AWS_REGION, or credential_source.region_url."), (failure.Fault, failure.Message));
    }

    [Fact]
    public async Task GetAccessToken_TokenThatIsRefused_SaysWhatToMend()
    {
        using var stranger = RSA.Create(2048);
        (string Token, string Sentence)[] cases =
        [
            (_outside.Token("https://another"), $"which is https:{OutsideIssuer.Audience} unless it says otherwise."),
            (_outside.Token(key: stranger), "The provider has to know the issuer that signed the token"),
            (_outside.Token(secondsLeft: -1000), "The token has expired"),
            ("nonsense", "Asking again changes nothing"),
        ];
        foreach (var (token, sentence) in cases)
        {
            await File.WriteAllTextAsync(TokenFile, token, Cancellation);

            var failure = await FailureAsync(Source(Config(new() { ["file"] = TokenFile })));

            Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
            Assert.StartsWith($"{_google.Url}/v1/token refused the token in {TokenFile} (HTTP 400, invalid_grant: ", failure.Message);
            Assert.Contains(sentence, failure.Message);
            Assert.DoesNotContain(token, failure.ToString());
        }
    }

    [Fact]
    public async Task GetAccessToken_NoSuchProvider_RejectedSayingSo()
    {
        var source = Credentials.Federation.FromProvider(OutsideIssuer.ProviderName + "x", TokenFile, null, Surroundings);

        var failure = await FailureAsync(source);

        Assert.Equal(TokenSourceFault.Rejected, failure.Fault);
        Assert.EndsWith("There is no such provider, or it or its pool is disabled: check the pool's project number and the names.", failure.Message);
    }

    [Fact]
    public async Task GetAccessToken_TokenFileMissing_UnavailableUntilItComes()
    {
        File.Delete(TokenFile);
        var source = Credentials.Federation.FromProvider(OutsideIssuer.ProviderName, TokenFile, null, Surroundings);

        var failure = await FailureAsync(source);

        Assert.Equal(
            (TokenSourceFault.Unavailable, $"The file {TokenFile}, which holds the token to exchange, does not exist."), (failure.Fault, failure.Message));
        await File.WriteAllTextAsync(TokenFile, _outside.Token(), Cancellation);
        await source.GetAccessTokenAsync([], Cancellation);
    }

    [Theory]
    [InlineData("", "is empty where a token was expected")]
    [InlineData("{", "is not JSON")]
    [InlineData("{}", "is not a JSON object with a string \"t\"")]
    public async Task GetAccessToken_TokenFileHalfWritten_UnavailableUntilItIsWhole(string content, string sentence)
    {
        await File.WriteAllTextAsync(TokenFile, content, Cancellation);
        var source = Source(Config(new() { ["file"] = TokenFile, ["format"] = content.Length == 0 ? null : Json("t") }));

        var failure = await FailureAsync(source);

        Assert.Equal(TokenSourceFault.Unavailable, failure.Fault);
        Assert.Contains(sentence, failure.Message);
        var token = _outside.Token();
        await File.WriteAllTextAsync(
            TokenFile, content.Length == 0 ? token : new JsonObject { ["t"] = token }.ToJsonString(), Cancellation);
        await source.GetAccessTokenAsync([], Cancellation);
    }

    [Theory]
    [InlineData("""{"type": "service_account"}""", "is a service account key, not a workload identity federation configuration")]
    [InlineData("""{"type": "external_account"}""", "\"audience\" of /c.json is missing")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t"}""", "\"credential_source\" of /c.json is missing")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {}}""", "has none of \"file\", \"url\", \"executable\" and \"environment_id\"")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {"executable": {"command": "  "}}}""", "\"credential_source.executable.command\" of /c.json is missing")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {"environment_id": "azure1"}}""", "\"credential_source.environment_id\" of /c.json is not aws1")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {"file": "x", "format": {"type": "xml"}}}""", "\"credential_source.format.type\" of /c.json is neither text nor json")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "token_url": "ftp://x", "credential_source": {"file": "x"}}""", "\"token_url\" of /c.json is not a web address")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "service_account_impersonation_url": "https://x/y", "credential_source": {"file": "x"}}""", "does not name a service account and generateAccessToken")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "universe_domain": "a b", "credential_source": {"file": "x"}}""", "\"universe_domain\" of /c.json is not a domain.")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {"certificate": {"use_default_certificate_config": true}}}""", "\"credential_source.certificate\" of /c.json names an X.509 certificate, which tokens cannot be made with here.")]
    [InlineData("""{"type": "external_account", "audience": "a", "subject_token_type": "t", "credential_source": {"environment_id": "aws1", "regional_cred_verification_url": "sts.{region}"}}""", "\"credential_source.regional_cred_verification_url\" of /c.json is not a web address.")]
    [InlineData("", "/c.json is empty; a workload identity federation configuration was expected.")]
    public void FromFile_WrongFile_SaysWhatIsWrong(string text, string sentence)
    {
        var failure = Assert.Throws<TokenSourceException>(
            () => Credentials.Federation.FromFile(Encoding.UTF8.GetBytes(text), "/c.json", Surroundings));

        Assert.Equal(TokenSourceFault.Unusable, failure.Fault);
        Assert.Contains(sentence, failure.Message);
    }

    [Theory]
    [InlineData(599, 5000, "\"service_account_impersonation.token_lifetime_seconds\" of /c.json is not from 600 to 43200.")]
    [InlineData(43201, 5000, "\"service_account_impersonation.token_lifetime_seconds\" of /c.json is not from 600 to 43200.")]
    [InlineData(long.MaxValue, 5000, "\"service_account_impersonation.token_lifetime_seconds\" of /c.json is not from 600 to 43200.")]
    [InlineData(600, 4999, "\"credential_source.executable.timeout_millis\" of /c.json is not from 5000 to 120000.")]
    [InlineData(600, 120001, "\"credential_source.executable.timeout_millis\" of /c.json is not from 5000 to 120000.")]
    [InlineData(600, long.MaxValue, "\"credential_source.executable.timeout_millis\" of /c.json is not from 5000 to 120000.")]
    public void FromFile_TimeOutOfBounds_SaysTheBounds(long lifetime, long limit, string sentence)
    {
        var executable = Executable("/bin/true");
        executable["executable"]!["timeout_millis"] = limit;
        var config = Config(executable);
        config["service_account_impersonation"] = new JsonObject { ["token_lifetime_seconds"] = lifetime };

        var failure = Assert.Throws<TokenSourceException>(() => Source(config));

        Assert.Equal((TokenSourceFault.Unusable, sentence), (failure.Fault, failure.Message));
    }

    [Theory]
    [InlineData(600, 5000)]
    [InlineData(43200, 120000)]
    public void FromFile_TimesAtTheirBounds_AreTaken(long lifetime, long limit)
    {
        var executable = Executable("/bin/true");
        executable["executable"]!["timeout_millis"] = limit;
        var config = Config(executable);
        config["service_account_impersonation"] = new JsonObject { ["token_lifetime_seconds"] = lifetime };

        Assert.Equal("workloadIdentity", Source(config).Describe().Kind);
    }

    [Fact]
    public void ToString_ClientWithASecret_DoesNotTellIt()
    {
        var account = new ExternalAccount(OutsideIssuer.Audience, ExternalAccount.JwtType, new Uri(_google.Url), new FileSubjectTokens(TokenFile, new(null)))
        {
            ClientId = "the-client",
            ClientSecret = "the-secret",
        };

        Assert.Equal($"federation of {OutsideIssuer.Audience}", account.ToString());
    }

    private static JsonObject Config(JsonObject source) => new()
    {
        ["type"] = "external_account",
        ["audience"] = OutsideIssuer.Audience,
        ["subject_token_type"] = ExternalAccount.JwtType,
        ["token_url"] = "https://sts.googleapis.com/v1/token",
        ["credential_source"] = source.DeepClone(),
    };

    private static JsonObject Aws(string? machine)
    {
        var config = Config(new()
        {
            ["environment_id"] = "aws1",
            ["regional_cred_verification_url"] = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        });
        config["subject_token_type"] = "urn:ietf:params:aws:token-type:aws4_request";
        if (machine is not null)
        {
            config["credential_source"]!["region_url"] = machine + "/zone";
            config["credential_source"]!["url"] = machine + "/credentials";
        }

        return config;
    }

    private static JsonObject Json(string field) => new() { ["type"] = "json", ["subject_token_field_name"] = field };

    private static JsonObject Executable(string command) => new()
    {
        ["executable"] = new JsonObject { ["command"] = command, ["timeout_millis"] = 5000 },
    };

    private static async Task<WebApplication> NearbyAsync(Action<WebApplication> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        map(app);
        await app.StartAsync(Cancellation);
        return app;
    }

    private static async Task<TokenSourceException> FailureAsync(ITokenSource source) =>
        await Assert.ThrowsAsync<TokenSourceException>(() => source.GetAccessTokenAsync([], Cancellation));

    private void AddAws(AwsIdentity identity) => _google.AddProvider(new(OutsideIssuer.ProviderName, null) { AwsIdentities = [identity] });

    private string Program(string script)
    {
        var path = Path.Combine(_folder, "program.sh");
        File.WriteAllText(path, $"#!/bin/sh\n{script.Replace("TOKENFILE", TokenFile, StringComparison.Ordinal)}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private ITokenSource Source(JsonObject config, SourceSurroundings? surroundings = null) =>
        Credentials.Federation.FromFile(Encoding.UTF8.GetBytes(config.ToJsonString()), "/c.json", surroundings ?? Surroundings);
}
