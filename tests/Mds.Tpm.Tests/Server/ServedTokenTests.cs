using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Credentials;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Tpm.Tests.Server;

/// <summary>Tokens and the status of a key in a TPM.</summary>
public sealed class ServedTokenTests(SoftwareTpm tpm) : ServerWithTpm(tpm)
{
    private const string Token = "/computeMetadata/v1/instance/service-accounts/default/token";

    [Theory]
    [InlineData(null)]
    [InlineData("0123456789abcdef0123456789abcdef01234567")]
    public async Task Token_SelfSigned_IsAJwtOfTheKey(string? keyId)
    {
        await using var server = await StartAsync($"\"persistentHandle\": \"0x81010002\", \"keyId\": \"{keyId}\"");

        var jwt = await server.AccessTokenAsync();

        Assert.True(IsSignedBy("sa", jwt));
        var token = jwt.Split('.');
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
        var settings = Read($"\"address\": \"{Tpm.Address}\", \"persistentHandle\": \"0x81010002\", \"useOauthToken\": true");
        Folder.Write(
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
        Folder.Write("password", "key-password\n");
        File.Copy(Path.Combine(TestKeys.Folder, "ek-password.tss"), Folder.File("key.pem"));
        await using var server = await StartAsync(
            $"\"keyFile\": \"{Folder.File("key.pem")}\", \"keyPasswordFile\": \"{Folder.File("password")}\", "
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
    public async Task Token_KeyFileReplaced_TheNextIsSignedByTheNewKey()
    {
        var file = Folder.Write("key.pem", TestKeys.Text("plain.tss"));
        await using var server = await StartAsync($"\"keyFile\": \"{file}\"");
        Assert.True(IsSignedBy("sa", await server.AccessTokenAsync()));
        var before = (string?)(await server.CredentialStatusAsync())["keyFingerprint"];

        Folder.Write("key.pem", "-----BEGIN TSS2 PRIVATE KEY-----");
        await Eventually.TrueAsync(
            async () => ((string?)(await server.CredentialStatusAsync())["message"])?.Contains(file, StringComparison.Ordinal) is true, "the file is refused");
        Assert.True(IsSignedBy("sa", await server.AccessTokenAsync()));

        Folder.Write("key.pem", TestKeys.Text("any-scheme.tss"));
        await Eventually.TrueAsync(async () => IsSignedBy("any-scheme", await server.AccessTokenAsync()), "the new key signs");
        Assert.NotEqual(before, (string?)(await server.CredentialStatusAsync())["keyFingerprint"]);
        Assert.Equal("Valid", (string?)(await server.CredentialStatusAsync())["state"]);
    }

    [Fact]
    public async Task Tokens_KeyFileReplacedWhileRequestsAreInFlight_NoRequestFails()
    {
        Google.AddClient(Email, TestKeys.Text("any-scheme.pub.pem"));
        var file = Folder.Write("key.pem", TestKeys.Text("plain.tss"));
        await using var server = await StartAsync($"\"keyFile\": \"{file}\"");
        await server.AccessTokenAsync();
        var answers = new ConcurrentBag<(HttpStatusCode Status, string Body)>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
        {
            for (var asked = 0; !stop.IsCancellationRequested; asked++)
            {
                // Of other scopes each time: the TPM signs for each of them.
                answers.Add(i % 2 == 0
                    ? await server.GetAsync($"{Token}?scopes=https://scope.test/{i}/{asked}")
                    : await server.GetAsync($"{Identity}/{i}"));
            }
        }, Cancellation)).ToList();

        foreach (var key in new[] { "any-scheme", "plain", "any-scheme", "plain" })
        {
            Folder.RenameOver("key.pem", TestKeys.Text($"{key}.tss"));
            await Eventually.TrueAsync(
                async () => IsSignedBy(key == "plain" ? "sa" : key, await server.AccessTokenAsync()), "the new key signs");
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        Assert.DoesNotContain(answers, answer => answer.Status != HttpStatusCode.OK);
        Assert.Empty(server.Log.Errors);
    }

    // As two replicas do, which know nothing of each other: this TPM serves one connection at a time.
    [Fact]
    public async Task Token_TwoServersOnOneTpm_BothSign()
    {
        var other = $"{Tpm.SocketPath}.other";
        File.CreateSymbolicLink(other, Tpm.SocketPath);
        await using var first = await StartAsync("\"keyFile\": \"" + Path.Combine(TestKeys.Folder, "plain.tss") + "\"");
        await using var second = await StartAsync("\"persistentHandle\": \"0x81010002\"", TpmAddress.Parse($"unix:{other}"));

        for (var i = 0; i < 3; i++)
        {
            var answers = await Task.WhenAll(new[] { first, second }.Select(server => server.GetAsync($"{Identity}/{i}")));
            Assert.All(answers, answer => Assert.Equal(HttpStatusCode.OK, answer.Status));
        }
    }

    [Fact]
    public async Task Start_PasswordsFromTheEnvironment_AreUsed()
    {
        var settings = SettingsReader.Read(
            new Dictionary<string, string?> { ["tpm"] = "true", ["tpm-path"] = Tpm.Address.Text, ["persistentHandle"] = "0x81010003" },
            new Dictionary<string, string> { ["MDS_KEYPASS"] = "key-password", ["GOOGLE_SERVICE_ACCOUNT"] = Email });
        await using var server = await StartedServer.StartAsync(settings with { Endpoints = new GoogleEndpoints(new Uri(Google.Url)) });

        await server.AccessTokenAsync();

        Assert.DoesNotContain("key-password", string.Concat(settings.Credentials), StringComparison.Ordinal);
    }

    // As it is typed, so that the command line's own list of switches is shown to have it.
    [Fact]
    public void Read_KeyIdOnTheCommandLine_IsTheKeys()
    {
        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse(["-tpm", "-persistentHandle", "0x81010002", "-keyId", "0123456789abcdef"]));

        var settings = SettingsReader.Read(run.Switches, new Dictionary<string, string>());

        Assert.Equal("0123456789abcdef", Assert.IsType<TpmSettings>(Assert.Single(settings.Credentials)).KeyId);
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
}
