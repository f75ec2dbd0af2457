using System.Text;
using System.Text.Json.Nodes;
using Mds.Tpm.Tests;
using StandIns;

namespace Mds.Conformance.Tests;

/// <summary>A whole run with every kind of credential, in good and bad times, and whatever it printed: no secret is in it.</summary>
public sealed class SecretTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>, IDisposable
{
    private const string Caller = "caller@conformance-project.iam.gserviceaccount.com";
    private const string StaticToken = "ya29.static-access-token-of-the-test-0123456789";
    private const string GcloudToken = "ya29.access-token-of-gcloud-0123456789";
    private const string WrongPassword = "not-the-password-of-the-key";
    private const string ClientSecret = "GOCSPX-secret-of-the-oauth-client";
    private static readonly AwsIdentity Aws = new("arn:aws:iam::1:role/x", "AKIDOFTHETEST", "aws/secret+of/the/test0123456789", "aws/session+token/of/the/test0123456789");

    private readonly string _home = Directory.CreateTempSubdirectory("mds-secrets-").FullName;
    private readonly StringBuilder _printed = new();
    private readonly List<string> _secrets =
    [
        StaticToken, StaticToken + "-2", StaticToken + "-3", ClientSecret, Aws.SecretAccessKey, Aws.SessionToken!, GcloudToken, WrongPassword,
        Encoding.ASCII.GetString(TestKeys.KeyPassword), Encoding.ASCII.GetString(TestKeys.ParentPassword),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task WholeRun_EveryKindAtDebugLevel_PrintsNoSecret()
    {
        await using var google = await GoogleStandIn.StartAsync();
        using var outside = new OutsideIssuer();
        google.AddProvider(outside.Provider);
        const string AwsProvider = OutsideIssuer.ProviderName + "-aws";
        google.AddProvider(new(AwsProvider, null) { AwsIdentities = [Aws] });
        var user = google.MakeUser("person@example.com");
        _secrets.AddRange([user.ClientSecret, user.RefreshToken]);
        google.AddTokenCreator(user.Email, Account("impersonation"));
        google.AddTokenCreator(OutsideIssuer.Principal, Account("provider"));
        var subjectToken = outside.Token();
        _secrets.AddRange(subjectToken.Split('.')[1..]);
        Write("token", subjectToken);
        Write("access-token", StaticToken + "-2");
        Write("identity-token", StaticToken + "-3");
        Write("user.json", user.Json);
        Write("config.json", Federation(OutsideIssuer.Audience, new() { ["file"] = Path.Combine(_home, "token") }));
        Write("aws.json", Federation($"//iam.googleapis.com/{AwsProvider}", new()
        {
            ["environment_id"] = "aws1",
            ["regional_cred_verification_url"] = "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
        }));
        await using var machine = await MdsServer.StartAsync(_home, "-serviceAccountFile", Key(google, "machine.json"), "-logLevel", "debug");
        Credential[] credentials =
        [
            new("key", new() { ["serviceAccountKey"] = new JsonObject { ["file"] = Key(google, "key.json") } }, "key.json"),
            new("self-signed", new() { ["serviceAccountKey"] = new JsonObject { ["file"] = Key(google, "self.json"), ["useOauthToken"] = false } }, "self.json"),
            new("impersonation", new() { ["impersonation"] = new JsonObject { ["sourceFile"] = Path.Combine(_home, "user.json") } }, "user.json"),
            new("federation", new() { ["workloadIdentity"] = new JsonObject { ["file"] = Path.Combine(_home, "config.json") } }, "config.json"),
            new("aws", new() { ["workloadIdentity"] = new JsonObject { ["file"] = Path.Combine(_home, "aws.json") } }, "aws.json"),
            new("provider", new() { ["workloadIdentity"] = new JsonObject { ["provider"] = OutsideIssuer.ProviderName, ["tokenFile"] = Path.Combine(_home, "token"), ["impersonate"] = Account("provider") } }, "token"),
            new("static", new() { ["static"] = new JsonObject { ["accessToken"] = StaticToken, ["identityToken"] = StaticToken } }, null),
            new("static-files", new() { ["static"] = new JsonObject { ["accessTokenFile"] = Path.Combine(_home, "access-token"), ["identityTokenFile"] = Path.Combine(_home, "identity-token") } }, "access-token"),
            new("local", new() { ["local"] = new JsonObject { ["keyFile"] = LocalKey() } }, "issuer.pem"),
            new("tpm", new() { ["tpm"] = Tpm(google, "tpm", new() { ["keyFile"] = TpmKeyFile(), ["keyPasswordFile"] = Write("key-pass", Encoding.ASCII.GetString(TestKeys.KeyPassword)), ["parentPasswordFile"] = Write("parent-pass", Encoding.ASCII.GetString(TestKeys.ParentPassword)), ["useOauthToken"] = true }) }, "tpm.pem"),
            new("tpm-inline", new() { ["tpm"] = Tpm(google, "tpm-inline", new() { ["persistentHandle"] = "0x81010003", ["keyPassword"] = Encoding.ASCII.GetString(TestKeys.KeyPassword) }) }, null),
            new("tpm-locked", new() { ["tpm"] = Tpm(google, "tpm-locked", new() { ["persistentHandle"] = "0x81010003", ["keyPasswordFile"] = Write("wrong-pass", WrongPassword) }) }, null) { Works = false },
            new("gcloud", new() { ["gcloud"] = new JsonObject { ["configuration"] = "work" } }, null),
            new("upstream", new() { ["upstream"] = new JsonObject { ["address"] = machine.Variables["GCE_METADATA_HOST"], ["account"] = "default" } }, null),
        ];
        Write("settings.json", new JsonObject
        {
            ["endpoints"] = new JsonObject { ["oauth2"] = google.Url, ["sts"] = google.Url, ["iamCredentials"] = google.Url },
            ["credentials"] = new JsonArray([.. credentials.Select(credential => credential.Settings(Account(credential.Name)))]),
        }.ToJsonString());
        await using var server = await MdsServer.StartAsync(
            _home,
            ["env", $"PATH={Gcloud(outside)}:{Environment.GetEnvironmentVariable("PATH")}", "AWS_REGION=eu-west-3", $"AWS_ACCESS_KEY_ID={Aws.AccessKeyId}", $"AWS_SECRET_ACCESS_KEY={Aws.SecretAccessKey}", $"AWS_SESSION_TOKEN={Aws.SessionToken}"],
            ["-port", ":0", "-settings", Path.Combine(_home, "settings.json"), "-logLevel", "debug"]);
        using var http = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        http.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        foreach (var credential in credentials.Where(credential => credential.Works))
        {
            var body = await AskAsync(http, credential.Name, "token", mustSucceed: true);
            _secrets.Add((string)JsonNode.Parse(body)!["access_token"]!);
            if (credential.Name is not ("federation" or "aws"))
            {
                _secrets.Add(await AskAsync(http, credential.Name, "identity?audience=x", mustSucceed: true));
            }
        }

        Write("gcloud-fails", "");

        foreach (var behaviour in new Behaviour[] { new(Status: 403), new(Status: 500), new(Status: 200, Body: "{}") })
        {
            google.Behaviour = behaviour;
            foreach (var credential in credentials)
            {
                await AskAsync(http, credential.Name, $"token?scopes=scope-{behaviour.Status}&enforce_scopes=true", mustSucceed: false);
                await AskAsync(http, credential.Name, $"identity?audience=a{behaviour.Status}", mustSucceed: false);
            }
        }

        google.Behaviour = new();
        foreach (var file in credentials.Select(credential => credential.File).OfType<string>().Where(file => file != "token"))
        {
            // Cut off, so that it can be read up to the end of a secret and no further.
            var whole = await File.ReadAllTextAsync(Path.Combine(_home, file), Cancellation);
            Write(file, file == "access-token" ? whole + " and more" : whole[..^(whole.Length / 4)]);
        }

        await Eventually.TrueAsync(
            async () => JsonNode.Parse(await StatusAsync(server))!["credentials"]!.AsArray().Count(credential => (string?)credential!["fault"] == "Unusable") == 9,
            "every broken file is reported, and the wrong password");
        await StatusAsync(server);
        using (var admin = new HttpClient { BaseAddress = new(server.Admin) })
        {
            foreach (var path in new[] { "/metrics", "/admin/v1/requests", "/admin/v1/claims", "/readyz", "/healthz", "/jwks", "/certs", "/.well-known/openid-configuration", "/tokeninfo", "/" })
            {
                using var answer = await admin.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
                _printed.Append(answer.Headers).Append(await answer.Content.ReadAsStringAsync(Cancellation));
            }
        }

        _printed.Append(await File.ReadAllTextAsync($"/proc/{server.Id}/cmdline", Cancellation));
        _printed.Append(await File.ReadAllTextAsync(Path.Combine(_home, "gcloud-arguments"), Cancellation));
        var log = await server.StopAsync();
        _printed.Append(server.Welcome).Append(log).Append(await machine.StopAsync());

        Assert.Contains("could not get an access token for scope-403: ", log, StringComparison.Ordinal);
        Assert.Contains("refused the password of the key", log, StringComparison.Ordinal);
        Assert.Contains("config-helper failed: ERROR: (token) is not good.", log, StringComparison.Ordinal);
        _secrets.AddRange(google.IssuedTokens);
        Assert.True(_secrets.Count > 100, "Too few secrets were used for this to mean anything.");
        var printed = _printed.ToString();
        // In parts as well: a quoted piece gives as much away as the whole.
        Assert.All(
            _secrets.Where(secret => secret.Length > 0).Select(secret => secret.Length > 40 ? secret[^40..] : secret).Distinct(),
            secret => Assert.False(printed.Contains(secret, StringComparison.Ordinal), "Something that was printed holds a secret."));
    }

    private static string Account(string name) => $"{name}@conformance-project.iam.gserviceaccount.com";

    private async Task<string> AskAsync(HttpClient http, string name, string leaf, bool mustSucceed)
    {
        using var answer = await http.GetAsync(
            new Uri($"/computeMetadata/v1/instance/service-accounts/{Account(name)}/{leaf}", UriKind.Relative), Cancellation);
        var body = await answer.Content.ReadAsStringAsync(Cancellation);
        if (mustSucceed)
        {
            Assert.True(answer.IsSuccessStatusCode, $"{name} answered {answer.StatusCode} to {leaf}.");
        }
        else if (!answer.IsSuccessStatusCode)
        {
            _printed.Append(answer.Headers).Append(body);
        }

        return body;
    }

    private async Task<string> StatusAsync(MdsServer server)
    {
        using var admin = new HttpClient();
        var status = await admin.GetStringAsync($"{server.Admin}/status", Cancellation);
        _printed.Append(status);
        return status;
    }

    private string Key(GoogleStandIn google, string name)
    {
        var key = google.MakeClient(Caller);
        _secrets.AddRange(((string)JsonNode.Parse(key.Json)!["private_key"]!).Split('\n')[1..^2]);
        return Write(name, key.Json);
    }

    private JsonObject Tpm(GoogleStandIn google, string name, JsonObject settings)
    {
        google.AddClient(Account(name), TestKeys.Text("sa.pub.pem"));
        settings["address"] = tpm.Address.Text;
        return settings;
    }

    // A key below a parent with a password; what is in it is encrypted, and is nobody's business all the same.
    private string TpmKeyFile()
    {
        var pem = TestKeys.Text("below.tss");
        _secrets.AddRange(pem.Split('\n')[1..^2]);
        return Write("tpm.pem", pem);
    }

    /// <summary>A program in gcloud's place, which notes how it is called, and in bad times quotes the token.</summary>
    private string Gcloud(OutsideIssuer outside)
    {
        var identityToken = outside.Token();
        _secrets.Add(identityToken);
        var folder = Directory.CreateDirectory(Path.Combine(_home, "bin")).FullName;
        var program = Path.Combine(folder, "gcloud");
        File.WriteAllText(
            program,
            $$$"""
            #!/bin/sh
            echo "$0 $*" >> {{{_home}}}/gcloud-arguments
            [ ! -e {{{_home}}}/gcloud-fails ] || { echo 'ERROR: {{{GcloudToken}}} is not good.' >&2; exit 1; }
            case "$*" in
            *config-helper*) echo '{"credential": {"access_token": "{{{GcloudToken}}}", "token_expiry": "2099-01-01T00:00:00Z"}}' ;;
            *) echo {{{identityToken}}} ;;
            esac
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        Directory.CreateDirectory(Path.Combine(_home, ".config/gcloud/configurations"));
        Write(".config/gcloud/configurations/config_work", $"[core]\naccount = {Account("gcloud")}\nproject = conformance-project\n");
        return folder;
    }

    private string LocalKey()
    {
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var pem = key.ExportPkcs8PrivateKeyPem();
        _secrets.AddRange(pem.Split('\n')[1..^1]);
        return Write("issuer.pem", pem);
    }

    private string Write(string name, string content)
    {
        var path = Path.Combine(_home, name);
        File.WriteAllText(path + ".new", content);
        File.Move(path + ".new", path, overwrite: true);
        return path;
    }

    private static string Federation(string audience, JsonObject source) => new JsonObject
    {
        ["type"] = "external_account",
        ["audience"] = audience,
        ["subject_token_type"] = source.ContainsKey("file") ? "urn:ietf:params:oauth:token-type:jwt" : "urn:ietf:params:aws:token-type:aws4_request",
        ["token_url"] = "https://sts.googleapis.com/v1/token",
        ["client_id"] = "client",
        ["client_secret"] = ClientSecret,
        ["credential_source"] = source,
    }.ToJsonString();

    private sealed record Credential(string Name, JsonObject Kind, string? File)
    {
        public bool Works { get; init; } = true;

        public JsonObject Settings(string account)
        {
            var settings = new JsonObject { ["account"] = account };
            foreach (var (kind, section) in Kind)
            {
                settings[kind] = section!.DeepClone();
            }

            return settings;
        }
    }
}
