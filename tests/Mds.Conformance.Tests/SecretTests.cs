using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Conformance.Tests;

/// <summary>
/// Uses every secret there is, in vain too, and then looks for each of them in everything that the server printed or
/// answered, tokens to those who asked for them aside.
/// </summary>
public sealed class SecretTests : IDisposable
{
    private const string Job = "job@conformance-project.iam.gserviceaccount.com";
    private const string Robot = "robot@conformance-project.iam.gserviceaccount.com";
    private const string Fixed = "fixed@conformance-project.iam.gserviceaccount.com";

    private readonly string _home = Directory.CreateTempSubdirectory("mds-secrets-").FullName;
    private readonly List<string> _secrets = [];
    private readonly StringBuilder _said = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Everything_WholeRunAtDebugLevel_HoldsNoSecret()
    {
        await using var google = await GoogleStandIn.StartAsync();
        google.AddTokenCreator(Servers.Email, Robot);
        var settings = await WriteSettingsAsync(google);
        await using var server = await MdsServer.StartAsync(_home, "-settings", settings, "-logLevel", "debug", "-issuerPort", ":0");
        using var metadata = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        metadata.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        using var admin = new HttpClient { BaseAddress = new(server.Admin) };

        foreach (var account in new[] { "default", Job, Robot, Fixed })
        {
            await AskAsync(metadata, account, HttpStatusCode.OK);
        }

        google.Behaviour = new(Status: 403, Body: """{"error": "access_denied", "error_description": "no"}""");
        await AskAsync(metadata, "default", HttpStatusCode.ServiceUnavailable, "&enforce_scopes=true&scopes=another");
        await AskAsync(metadata, Robot, HttpStatusCode.ServiceUnavailable, "&enforce_scopes=true&scopes=another");
        File.WriteAllText(Path.Combine(_home, "key.json"), File.ReadAllText(Path.Combine(_home, "key.json"))[..1500]);
        File.WriteAllText(Path.Combine(_home, "issuer.pem"), File.ReadAllText(Path.Combine(_home, "issuer.pem"))[..800]);
        await SaidOfAsync(admin, "/status", said => said.Contains("stays in use until then", StringComparison.Ordinal)
            && said.Contains("broken PEM block", StringComparison.Ordinal));
        foreach (var path in new[] { "/metrics", "/readyz", "/healthz", "/jwks", "/certs", "/.well-known/openid-configuration", "/tokeninfo", "/" })
        {
            await SaidOfAsync(admin, path, said => said.Length > 0);
        }

        _said.Append(await server.StopAsync());
        var everything = _said.ToString();
        Assert.Contains("could not get an access token for another: ", everything, StringComparison.Ordinal);
        Assert.True(_secrets.Count > 60, "Too few secrets were used for this to mean anything.");
        Assert.All(
            _secrets.Concat(google.IssuedTokens).Distinct(),
            secret => Assert.False(everything.Contains(secret, StringComparison.Ordinal), "A secret turned up."));
    }

    private async Task<string> WriteSettingsAsync(GoogleStandIn google)
    {
        var key = google.MakeClient(Servers.Email);
        AddLines(JsonDocument.Parse(key.Json).RootElement.GetProperty("private_key").GetString()!);
        await File.WriteAllTextAsync(Path.Combine(_home, "key.json"), key.Json, Cancellation);
        using var signing = RSA.Create(2048);
        AddLines(signing.ExportPkcs8PrivateKeyPem());
        await File.WriteAllTextAsync(Path.Combine(_home, "issuer.pem"), signing.ExportPkcs8PrivateKeyPem(), Cancellation);
        var (access, identity) = ("ya29." + RandomNumberGenerator.GetHexString(40), "eyJhbGciOiJub25lIn0.eyJhIjoi" + RandomNumberGenerator.GetHexString(20) + "In0.");
        _secrets.AddRange([access, identity]);

        var keyFile = Path.Combine(_home, "key.json");
        var file = Path.Combine(_home, "settings.json");
        await File.WriteAllTextAsync(
            file,
            new JsonObject
            {
                ["endpoints"] = new JsonObject { ["oauth2"] = google.Url, ["sts"] = google.Url, ["iamCredentials"] = google.Url },
                ["credentials"] = new JsonArray(
                    Credential("default", "serviceAccountKey", new() { ["file"] = keyFile }),
                    Credential(Job, "local", new() { ["keyFile"] = Path.Combine(_home, "issuer.pem") }),
                    Credential(Robot, "impersonation", new() { ["targetPrincipal"] = Robot, ["sourceFile"] = keyFile }),
                    Credential(Fixed, "static", new() { ["accessToken"] = access, ["identityToken"] = identity })),
            }.ToJsonString(),
            Cancellation);
        return file;
    }

    private static JsonObject Credential(string account, string kind, JsonObject what) => new() { ["account"] = account, [kind] = what };

    private void AddLines(string pem) => _secrets.AddRange(pem.Split('\n', StringSplitOptions.RemoveEmptyEntries)[1..^1]);

    // Both tokens of an account: a secret where they are given, something said where they are not.
    private async Task AskAsync(HttpClient metadata, string account, HttpStatusCode expected, string more = "")
    {
        foreach (var leaf in new[] { $"token?x=1{more}", $"identity?audience=https://service.example{more}" })
        {
            using var answer = await metadata.GetAsync(
                new Uri($"/computeMetadata/v1/instance/service-accounts/{account}/{leaf}", UriKind.Relative), Cancellation);
            var body = await answer.Content.ReadAsStringAsync(Cancellation);
            Assert.Equal(expected, answer.StatusCode);
            if (expected != HttpStatusCode.OK)
            {
                _said.Append(body);
            }
            else
            {
                _secrets.Add(leaf.StartsWith("token", StringComparison.Ordinal) ? (string)JsonNode.Parse(body)!["access_token"]! : body);
            }

            _said.Append(answer.Headers);
        }
    }

    private async Task SaidOfAsync(HttpClient admin, string path, Func<string, bool> isSaid)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        var said = "";
        while (!isSaid(said))
        {
            await Task.Delay(20, limit.Token);
            using var answer = await admin.GetAsync(new Uri(path, UriKind.Relative), limit.Token);
            said = await answer.Content.ReadAsStringAsync(limit.Token);
        }

        _said.Append(said);
    }
}
