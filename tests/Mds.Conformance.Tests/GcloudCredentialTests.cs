using System.Text.Json.Nodes;
using StandIns;

namespace Mds.Conformance.Tests;

/// <summary>The real gcloud as the credential: logged in with a key whose tokens the stand-in for Google makes.</summary>
public sealed class GcloudCredentialTests : IDisposable
{
    private const string Identity = "/computeMetadata/v1/instance/service-accounts/default/identity?audience=https://service.example/x";

    private readonly string _home = Directory.CreateTempSubdirectory("mds-gcloud-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task Tokens_OfTheActiveConfiguration_AreServed()
    {
        Assert.SkipUnless(
            Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "gcloud"))),
            "gcloud is not on PATH. Install the Google Cloud CLI to run this test.");
        await using var google = await GoogleStandIn.StartAsync();
        var key = Path.Combine(_home, "key.json");
        await File.WriteAllTextAsync(key, google.MakeClient(Servers.Email).Json, Cancellation);
        await ChildProcess.RunAsync(
            ChildProcess.Describe(
                "gcloud",
                ["auth", "activate-service-account", $"--key-file={key}", "--project=conformance-project", "--quiet"],
                _home,
                [new("CLOUDSDK_CORE_CHECK_GCE_METADATA", "False")]),
            Gcloud.ToInstall);
        await using var server = await MdsServer.StartAsync(_home, [], ["-port", ":0", "-gcloud"]);
        using var http = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        http.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        var token = JsonNode.Parse(await http.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/token", Cancellation))!;
        var identity = await http.GetStringAsync(Identity, Cancellation);

        Assert.Contains((string?)token["access_token"], google.IssuedTokens);
        Assert.Contains(identity, google.IssuedTokens);
        Assert.Contains(google.Calls, call => call.TargetAudience == "https://service.example/x");
        Assert.Equal(Servers.Email, await http.GetStringAsync("/computeMetadata/v1/instance/service-accounts/default/email", Cancellation));
        Assert.Equal("conformance-project", await http.GetStringAsync("/computeMetadata/v1/project/project-id", Cancellation));
    }
}
