using System.Text.Json.Nodes;

namespace Mds.Conformance.Tests;

/// <summary>Clients that ask again, while the server fails as it is told to.</summary>
public sealed class RecoveryTests : IDisposable
{
    private const string Audience = "https://service.example/path?with=query";

    private readonly string _home = Directory.CreateTempSubdirectory("mds-recovery-").FullName;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    // Debian's Go and Python libraries are of before they asked again.
    [Theory]
    [InlineData("google-auth-library and gcp-metadata (Node)", 503)]
    [InlineData("google-auth-library and gcp-metadata (Node)", 429)]
    [InlineData("Google.Apis.Auth (.NET)", 503)]
    public async Task Client_RefusedATokenOnce_AsksAgainAndGetsIt(string name, int status)
    {
        var client = Client.Named(name);
        var command = await client.CommandAsync(Audience);
        await using var server = await MdsServer.StartAsync(_home, "-local");
        using var http = new HttpClient { BaseAddress = new(server.Admin) };
        using var fault = new StringContent($$"""{"path": "*/token", "status": {{status}}, "times": 1}""");
        using var set = await http.PostAsync(new Uri("/admin/v1/faults", UriKind.Relative), fault, TestContext.Current.CancellationToken);
        Assert.True(set.IsSuccessStatusCode, await set.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var output = await ChildProcess.RunAsync(
            ChildProcess.Describe(command[0], command[1..], _home, server.Variables), client.ToInstall);

        Assert.NotEmpty(client.Read(output).AccessToken);
        var faults = await http.GetStringAsync(new Uri("/admin/v1/faults", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(1, (int)Assert.Single(JsonNode.Parse(faults)!.AsArray())!["count"]!);
    }
}
