using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Cluster.Tests.Clusters;

/// <summary>A namespace that is one test's own. When the test fails, what happened in it is kept and shown.</summary>
public sealed class TestNamespace : IAsyncDisposable
{
    /// <summary>On every namespace of the tests.</summary>
    public const string Label = "mds-cluster-test";

    private readonly ClusterFixture _cluster;

    private TestNamespace(ClusterFixture cluster, string name) => (_cluster, Name) = (cluster, name);

    public string Name { get; }

    public static async Task<TestNamespace> CreateAsync(ClusterFixture cluster, string purpose)
    {
        var name = $"mds-test-{purpose}";
        await cluster.ApplyAsync(
            $$"""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: {{name}}
              labels: {pod-security.kubernetes.io/enforce: restricted, {{Label}}: "true"}
            """,
            TestContext.Current.CancellationToken);
        var made = new TestNamespace(cluster, name);
        // Pods are refused until their namespace has its default account.
        await Until.HoldsAsync(
            "the namespace's default account is made", () => made.TryGetAsync("serviceaccount/default"), got => got is not null,
            TestContext.Current.CancellationToken);
        return made;
    }

    public Task ApplyAsync(string manifest) => ApplyAsync(manifest, "apply");

    public Task CreateAsync(string manifest) => ApplyAsync(manifest, "create");

    /// <summary>Makes a Secret of one key, or replaces it.</summary>
    public Task PutSecretAsync(string name, string key, string text) => ApplyAsync(new JsonObject
    {
        ["apiVersion"] = "v1",
        ["kind"] = "Secret",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["stringData"] = new JsonObject { [key] = text },
    }.ToJsonString());

    public Task<string> KubectlAsync(params string[] arguments) =>
        _cluster.Kubectl.RunAsync(TestContext.Current.CancellationToken, ["--namespace", Name, .. arguments]);

    public Task<JsonObject> GetAsync(string name) =>
        _cluster.GetAsync(TestContext.Current.CancellationToken, "--namespace", Name, name);

    public async Task<JsonObject?> TryGetAsync(string name)
    {
        var got = await _cluster.Kubectl.TryAsync(
            null, TestContext.Current.CancellationToken, "--namespace", Name, "get", name, "-o", "json", "--ignore-not-found");
        return string.IsNullOrWhiteSpace(got.Required()) ? null : JsonNode.Parse(got.Output)!.AsObject();
    }

    public Task<IReadOnlyList<JsonObject>> ListAsync(params string[] arguments) =>
        _cluster.ListAsync(TestContext.Current.CancellationToken, ["--namespace", Name, .. arguments]);

    /// <summary>Waits until <paramref name="holds"/> is true of the object, which is returned.</summary>
    public Task<JsonObject> UntilAsync(string name, string what, Func<JsonObject, bool> holds) =>
        Until.HoldsAsync($"{Name}/{name} {what}", () => GetAsync(name), holds, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result is TestResult.Failed)
        {
            var report = await ReportAsync();
            await File.WriteAllTextAsync(Path.Combine(_cluster.Logs, $"{Name}.txt"), report);
            TestContext.Current.TestOutputHelper?.WriteLine(report);
        }

        await _cluster.Kubectl.TryAsync(null, CancellationToken.None, "delete", "namespace", Name, "--wait=false");
    }

    private async Task ApplyAsync(string manifest, string verb) => (await _cluster.Kubectl.TryAsync(
        manifest, TestContext.Current.CancellationToken, "--namespace", Name, verb, "-f", "-")).Required();

    /// <summary>All that is told of what happened here: emulators, pods, events, and the logs of servers and operator.</summary>
    public async Task<string> ReportAsync()
    {
        string[][] questions =
        [
            ["get", "metadataemulators", "-o", "yaml"],
            ["get", "pods", "-o", "wide"],
            ["get", "events", "--sort-by=.lastTimestamp"],
            ["logs", "--selector=app.kubernetes.io/name=mds-server", "--all-containers", "--tail=-1", "--prefix"],
            ["logs", "--selector=app.kubernetes.io/component=operator", "--namespace", ClusterFixture.Namespace, "--tail=60", "--prefix"],
        ];
        var report = new StringBuilder();
        foreach (var question in questions)
        {
            var answer = await _cluster.Kubectl.TryAsync(null, CancellationToken.None, ["--namespace", Name, .. question]);
            report.AppendLine($"--- {answer.CommandLine}").AppendLine(answer.Output).AppendLine(answer.Error);
        }

        foreach (var pod in await _cluster.ListAsync(CancellationToken.None, "--namespace", Name, "pods", "--selector=test-client"))
        {
            var answer = await _cluster.Kubectl.TryAsync(
                null, CancellationToken.None, "--namespace", Name, "logs", (string)pod["metadata"]!["name"]!, "--all-containers", "--tail=30");
            report.AppendLine($"--- {answer.CommandLine}").AppendLine(answer.Output).AppendLine(answer.Error);
        }

        return report.ToString();
    }
}
