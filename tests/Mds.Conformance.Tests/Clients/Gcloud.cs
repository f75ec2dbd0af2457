using System.Text.Json.Nodes;

namespace Mds.Conformance.Tests;

/// <summary>
/// The Google Cloud CLI, with a folder of its own each time: it remembers for ten minutes whether there is a metadata server.
/// </summary>
/// <param name="home">Where its folder is made.</param>
/// <param name="runAsync">Runs a command with variables and returns what it printed.</param>
internal sealed class Gcloud(string home, Func<string[], IReadOnlyDictionary<string, string>, Task<string>> runAsync)
{
    public const string ToInstall = "the Google Cloud CLI";

    private const string Audience = "https://service.example/path?with=query";

    private readonly Dictionary<string, string> _variables = new()
    {
        ["CLOUDSDK_CONFIG"] = Directory.CreateDirectory(Path.Combine(home, $"gcloud-{Guid.NewGuid():N}")).FullName,
        ["CLOUDSDK_CORE_DISABLE_PROMPTS"] = "1",
        ["CLOUDSDK_CORE_DISABLE_USAGE_REPORTING"] = "1",
        ["CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK"] = "1",
    };

    /// <summary>Asserts that it is logged in as the machine's account, in its project, and gets both tokens.</summary>
    /// <returns>The access token and the identity token.</returns>
    public async Task<(string Access, string Identity)> AssertFindsTheMachineAsync()
    {
        Assert.SkipUnless(IsInstalled, "gcloud is not on PATH. Install the Google Cloud CLI to run this test.");

        var accounts = JsonNode.Parse(await RunAsync("auth", "list", "--format=json"))!.AsArray();
        var account = Assert.Single(accounts)!;
        Assert.Equal((Servers.Email, "ACTIVE"), ((string?)account["account"], (string?)account["status"]));
        var core = JsonNode.Parse(await RunAsync("config", "list", "--format=json"))!["core"]!;
        Assert.Equal((Servers.Email, "conformance-project"), ((string?)core["account"], (string?)core["project"]));
        return (
            (await RunAsync("auth", "print-access-token")).TrimEnd(),
            (await RunAsync("auth", "print-identity-token", $"--audiences={Audience}", "--token-format=full", "--include-license")).TrimEnd());
    }

    private static bool IsInstalled => Environment.GetEnvironmentVariable("PATH")!.Split(':').Any(folder => File.Exists(Path.Combine(folder, "gcloud")));

    private Task<string> RunAsync(params string[] arguments) => runAsync(["gcloud", .. arguments], _variables);
}
