using System.Net;
using System.Text.Json;
using StandIns;

namespace Mds.Conformance.Tests;

public sealed class SecretTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("mds-secrets-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Log_WholeRunAtDebugLevel_HoldsNoSecret()
    {
        await using var google = await GoogleStandIn.StartAsync();
        var key = google.MakeClient(Servers.Email);
        await File.WriteAllTextAsync(Path.Combine(_home, "key.json"), key.Json, TestContext.Current.CancellationToken);
        await using var server = await MdsServer.StartAsync(
            _home, "-serviceAccountFile", Path.Combine(_home, "key.json"), "-logLevel", "debug");
        using var http = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        http.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        Assert.Equal(HttpStatusCode.OK, await StatusAsync("token"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync("identity?audience=x"));
        google.Behaviour = new(Status: 403);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, await StatusAsync("token?scopes=another&enforce_scopes=true"));
        var log = await server.StopAsync();

        Assert.Contains("could not get an access token for another: ", log, StringComparison.Ordinal);
        var keyLines = JsonDocument.Parse(key.Json).RootElement.GetProperty("private_key").GetString()!.Split('\n')[1..^2];
        Assert.All(
            google.IssuedTokens.Concat(keyLines),
            secret => Assert.False(log.Contains(secret, StringComparison.Ordinal), "The log holds a secret."));

        async Task<HttpStatusCode> StatusAsync(string leaf)
        {
            using var answer = await http.GetAsync(
                new Uri($"/computeMetadata/v1/instance/service-accounts/default/{leaf}", UriKind.Relative),
                TestContext.Current.CancellationToken);
            return answer.StatusCode;
        }
    }
}
