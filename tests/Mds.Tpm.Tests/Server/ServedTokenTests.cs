using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Credentials;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Tpm.Tests.Server;

/// <summary>A key in a software TPM through the whole server, against the stand-in for Google, which verifies signatures.</summary>
public sealed class ServedTokenTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>, IAsyncLifetime
{
    private const string Email = "app@mds-tests.iam.gserviceaccount.com";
    private const string Identity = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://app.example.com";

    private readonly TemporaryFolder _folder = new();
    private GoogleStandIn? _google;

    private GoogleStandIn Google => _google!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _google = await GoogleStandIn.StartAsync();
        Google.AddClient(Email, TestKeys.Text("sa.pub.pem"));
    }

    public async ValueTask DisposeAsync()
    {
        await Google.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("0123456789abcdef0123456789abcdef01234567")]
    public async Task Token_SelfSigned_IsAJwtOfTheKey(string? keyId)
    {
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010002\", \"keyId\": \"{keyId}\"");

        var token = (await server.AccessTokenAsync()).Split('.');

        using var verifier = TestKeys.Verifier();
        Assert.True(verifier.VerifyData(
            Encoding.ASCII.GetBytes($"{token[0]}.{token[1]}"), Base64Url.DecodeFromChars(token[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(token[1]))!;
        Assert.Equal((Email, Email), ((string?)claims["iss"], (string?)claims["sub"]));
        Assert.Equal(keyId, (string?)JsonNode.Parse(Base64Url.DecodeFromChars(token[0]))!["kid"]);
        Assert.Empty(Google.Calls);
    }

    [Fact]
    public async Task Token_Exchanged_IsGooglesForAnAssertionOfTheKey()
    {
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\", \"useOauthToken\": true");

        Assert.Contains(await server.AccessTokenAsync(), Google.IssuedTokens);
        Assert.Equal(Email, Google.Calls[^1].Issuer);
    }

    [Fact]
    public async Task Tokens_ClaimsOfAnotherUniverse_SignedHereAndIdentityTokensMadeByItsIam()
    {
        var settings = Read($"\"address\": \"{tpm.Address}\", \"persistentHandle\": \"0x81010002\", \"useOauthToken\": true");
        _folder.Write(
            "claims.json",
            $$$"""{"universe": {"universe-domain": "apis-elsewhere.test"}, "instance": {"serviceAccounts": {"default": {"email": "{{{Email}}}", "scopes": ["s"]} } } }""");
        await using var server = await StartedServer.StartAsync(
            settings with { Endpoints = new GoogleEndpoints(new Uri(Google.Url), new Uri(Google.Url), new Uri(Google.Url)) });

        Assert.Equal(3, (await server.AccessTokenAsync()).Split('.').Length);
        Assert.Empty(Google.Calls);

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(Identity)).Status);
        Assert.Equal(("id_token", Email), (Google.Calls[^1].Outcome, Google.Calls[^1].Target));
    }

    [Fact]
    public async Task Identity_AnyKey_IsGooglesForAnAssertionOfTheKey()
    {
        _folder.Write("password", "key-password\n");
        File.Copy(Path.Combine(TestKeys.Folder, "ek-password.tss"), _folder.File("key.pem"));
        await using var server = await StartAsync(
            $"\"keyFile\": \"{_folder.File("key.pem")}\", \"keyPasswordFile\": \"{_folder.File("password")}\", "
            + $"\"endorsementParent\": true, \"sessionEncryptionName\": \"{TestKeys.EndorsementName}\"");

        var (status, token) = await server.GetAsync(Identity);

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains(token, Google.IssuedTokens);
        Assert.Equal("https://app.example.com", Google.Calls[^1].TargetAudience);
    }

    [Fact]
    public async Task Status_KeyInATpm_ShowsItsFingerprintThereAndAsAMetric()
    {
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"");
        await server.AccessTokenAsync();
        using var verifier = TestKeys.Verifier();
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(verifier.ExportSubjectPublicKeyInfo()));

        var status = await server.CredentialStatusAsync();

        Assert.Equal(("tpm", Email, "Valid", fingerprint), (
            (string?)status["kind"], (string?)status["principal"], (string?)status["state"], (string?)status["keyFingerprint"]));
        Assert.Contains($"mds_key_fingerprint{{account=\"default\",sha256=\"{fingerprint}\"}} 1", await server.MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_WrongPassword_IsTriedOnceAndSaidEverywhereUntilTheFileChanges()
    {
        using var relay = new TpmRelay(tpm);
        var password = _folder.Write("password", "not-the-password");
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"", relay.Address);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Identity)).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);

        const string Reason = "refused the password of the key";
        Assert.Equal(1, relay.Tries);
        Assert.Contains(Reason, (string?)(await server.CredentialStatusAsync())["message"], StringComparison.Ordinal);
        Assert.Equal("Failed", (string?)(await server.CredentialStatusAsync())["state"]);
        using var ready = await server.Admin.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        var sentence = await ready.Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("The credential of the account \"default\" has been stopped. ", sentence, StringComparison.Ordinal);
        Assert.Contains(Reason, sentence, StringComparison.Ordinal);
        Assert.Contains(server.Log.Lines, line => line.Message.Contains(Reason, StringComparison.Ordinal));
        Assert.DoesNotContain("not-the-password", sentence + string.Concat(server.Log.Lines), StringComparison.Ordinal);

        _folder.Write("password", "key-password");
        await Eventually.TrueAsync(async () => (await server.TokenAsync()).Status == HttpStatusCode.OK, "the right password is used");
        Assert.Equal(HttpStatusCode.OK, (await server.Admin.GetAsync("/readyz", Cancellation)).StatusCode);
        Assert.Equal("Valid", (string?)(await server.CredentialStatusAsync())["state"]);
    }

    [Fact]
    public async Task Ready_PasswordThatBecomesWrong_OtherAccountsGoOnAndItIsSaid()
    {
        const string Other = "other@mds-tests.iam.gserviceaccount.com";
        using var relay = new TpmRelay(tpm);
        var password = _folder.Write("password", "key-password");
        await using var server = await StartAsync(
            $"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"",
            relay.Address,
            $$$""", {"account": "{{{Other}}}", "static": {"accessToken": "of-another-account"} }""");
        await server.AccessTokenAsync();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync(server));
        var tries = relay.Tries;

        _folder.Write("password", "not-the-password");
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Failed", "the password is refused");

        var (status, body) = await ReadyAsync(server);
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.StartsWith("ok\nThe credential of the account \"default\" has been stopped. ", body, StringComparison.Ordinal);
        Assert.Equal("of-another-account", await server.AccessTokenAsync(Other));
        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Status);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.TokenAsync()).Status);
        Assert.Equal(tries + 1, relay.Tries);
    }

    // One flight for each audience; whoever waits for the TPM waits without a thread.
    [Fact]
    public async Task Identity_ManyAudiencesAndATpmThatIsSlow_TheServerGoesOnAndAllAreServed()
    {
        const int Audiences = 200;
        using var relay = new TpmRelay(tpm);
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", relay.Address);
        await server.AccessTokenAsync();
        using var held = new ManualResetEventSlim();
        relay.Instead = command =>
        {
            held.Wait();
            return null;
        };
        var before = ThreadPool.ThreadCount;

        var asked = Enumerable.Range(0, Audiences).Select(i => server.GetAsync($"{Identity}/{i}")).ToList();
        await Eventually.TrueAsync(
            async () => (await server.MetricsAsync()).Contains($"mds_upstream_calls_total{{account=\"default\"}} {Audiences + 1}\n", StringComparison.Ordinal),
            "every audience is being asked for");
        Assert.Equal(Email, (await server.GetAsync("/computeMetadata/v1/instance/service-accounts/default/email")).Body);
        Assert.InRange(ThreadPool.ThreadCount, 0, before + (Audiences / 2));

        held.Set();
        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
    }

    [Fact]
    public async Task Ready_TheOnlyAccountsPasswordBecomesWrong_SendsClientsElsewhere()
    {
        var password = _folder.Write("password", "key-password");
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010003\", \"keyPasswordFile\": \"{password}\"");
        await server.AccessTokenAsync();
        Assert.Equal(HttpStatusCode.OK, (await ReadyAsync(server)).Status);

        _folder.Write("password", "not-the-password");

        await Eventually.TrueAsync(
            async () => await ReadyAsync(server) is (HttpStatusCode.ServiceUnavailable, var body) && body.Contains("has been stopped.", StringComparison.Ordinal),
            "the server says that it has no token to give");
    }

    // A rollout must not get past its first pod before that has tried the password.
    [Fact]
    public async Task Ready_PasswordNotTriedYet_IsNotReady()
    {
        using var relay = new TpmRelay(tpm);
        using var held = new ManualResetEventSlim();
        relay.Instead = _ =>
        {
            held.Wait();
            return null;
        };
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", relay.Address);

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "The key of the account default has not been tried yet.\n"), await ReadyAsync(server));

        held.Set();
        await Eventually.TrueAsync(async () => (await ReadyAsync(server)).Status == HttpStatusCode.OK, "the key is tried");
    }

    [Fact]
    public async Task Token_TpmGoneAndBack_CachedTokensGoOnAndSigningRecovers()
    {
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"");
        var token = await server.AccessTokenAsync();

        tpm.Stop();
        try
        {
            Assert.Equal(token, await server.AccessTokenAsync());
            var (status, body) = await server.GetAsync(Identity);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
            Assert.DoesNotContain("Exception", body, StringComparison.Ordinal);
            Assert.Contains(server.Log.Lines, line => line.Message.Contains("No TPM can be reached at", StringComparison.Ordinal)
                || line.Message.Contains("went away", StringComparison.Ordinal));
        }
        finally
        {
            tpm.Start();
        }

        await Eventually.TrueAsync(async () => (await server.GetAsync(Identity)).Status == HttpStatusCode.OK, "signing goes on");
        Assert.Equal(token, await server.AccessTokenAsync());
    }

    [Fact]
    public async Task Token_DeviceUnpluggedAndBack_CachedTokensGoOnAndSigningRecovers()
    {
        using var device = new TpmDevice(tpm);
        await using var server = await StartAsync("\"persistentHandle\": \"0x81010002\"", device.Address);
        var token = await server.AccessTokenAsync();

        device.Unplug();
        Assert.Equal(token, await server.AccessTokenAsync());
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.GetAsync(Identity)).Status);
        Assert.Contains(server.Log.Lines, line => line.Message.Contains($"There is no TPM at {device.Address}", StringComparison.Ordinal));
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync(server));

        device.Plug();
        await Eventually.TrueAsync(async () => (await server.GetAsync(Identity)).Status == HttpStatusCode.OK, "signing goes on");
        Assert.Equal(token, await server.AccessTokenAsync());
    }

    [Fact]
    public async Task Start_PasswordsFromTheEnvironment_AreUsed()
    {
        var settings = SettingsReader.Read(
            new Dictionary<string, string?> { ["tpm"] = "true", ["tpm-path"] = tpm.Address.Text, ["persistentHandle"] = "0x81010003" },
            new Dictionary<string, string> { ["MDS_KEYPASS"] = "key-password", ["GOOGLE_SERVICE_ACCOUNT"] = Email });
        await using var server = await StartedServer.StartAsync(settings with { Endpoints = new GoogleEndpoints(new Uri(Google.Url)) });

        await server.AccessTokenAsync();

        Assert.DoesNotContain("key-password", string.Concat(settings.Credentials), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_EverySettingOfTheOperator_IsUnderstood()
    {
        var settings = (TpmSettings)Read(
            "\"device\": \"/dev/tpmrm0\", \"keyFile\": \"k\", \"keyPasswordFile\": \"p\", \"parentPasswordFile\": \"q\", \"pcrs\": [0, 7], "
            + $"\"endorsementParent\": true, \"sessionEncryptionName\": \"{TestKeys.EndorsementName}\", \"useOauthToken\": true").Credentials[0];

        Assert.Equal(("/dev/tpmrm0", "k", true, true), (settings.Tpm.Text, settings.KeyFile, settings.EndorsementParent, settings.UseOauthToken));
        Assert.Equal(["k", "p", "q"], settings.Files);
        Assert.Equal([0, 7], settings.Pcrs);
    }

    private static async Task<(HttpStatusCode Status, string Body)> ReadyAsync(StartedServer server)
    {
        using var ready = await server.Admin.GetAsync("/readyz", Cancellation);
        return (ready.StatusCode, await ready.Content.ReadAsStringAsync(Cancellation));
    }

    private ServerSettings Read(string tpmSettings, string others = "")
    {
        var claims = _folder.Write("claims.json", $$$"""{"instance": {"serviceAccounts": {"default": {"email": "{{{Email}}}", "scopes": ["s"]} } } }""");
        var file = _folder.Write(
            "settings.json",
            $$$"""{"configFile": "{{{claims}}}", "credentials": [{"account": "default", "tpm": { {{{tpmSettings}}} } }{{{others}}}] }""");
        return SettingsReader.Read(new Dictionary<string, string?> { ["settings"] = file }, new Dictionary<string, string>());
    }

    private Task<StartedServer> StartAsync(string tpmSettings, TpmAddress? address = null, string others = "")
    {
        var given = address ?? tpm.Address;
        var settings = Read($"\"{(given.IsDevice ? "device" : "address")}\": \"{given}\", {tpmSettings}", others);
        return StartedServer.StartAsync(settings with { Endpoints = new GoogleEndpoints(new Uri(Google.Url)) });
    }
}
