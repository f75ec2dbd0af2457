using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Cluster.Tests.Clusters;

/// <summary>A namespace that is one test's own. What happened in it is kept, and searched for secrets.</summary>
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
    public Task PutSecretAsync(string name, string key, string text) => PutSecretAsync(name, (key, text));

    /// <summary>Makes a Secret, or replaces it.</summary>
    public Task PutSecretAsync(string name, params (string Key, string Text)[] entries)
    {
        foreach (var (key, text) in entries)
        {
            _cluster.Secrets.Add(key, text);
        }

        return ApplyAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = new JsonObject { ["name"] = name },
            ["stringData"] = new JsonObject([.. entries.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Text))]),
        }.ToJsonString());
    }

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

    /// <summary>Remembers a token, which nothing may tell.</summary>
    public void Remember(string token) => _cluster.Secrets.Add("token", token);

    /// <summary>Keeps what happened here, finds no secret in it, and removes the namespace.</summary>
    public async ValueTask DisposeAsync()
    {
        var told = await ToldAsync();
        await File.WriteAllTextAsync(Path.Combine(_cluster.Logs, $"{Name}.txt"), told + await ClientLogsAsync());
        foreach (var space in (string[])[Name, ClusterFixture.Namespace])
        {
            _cluster.Secrets.Add(await _cluster.ListAsync(CancellationToken.None, "secrets", "--namespace", space));
        }

        await _cluster.Kubectl.TryAsync(null, CancellationToken.None, "delete", "namespace", Name, "--wait=false");
        Assert.Empty(_cluster.Secrets.Find(told));
    }

    private async Task ApplyAsync(string manifest, string verb) => (await _cluster.Kubectl.TryAsync(
        manifest, TestContext.Current.CancellationToken, "--namespace", Name, verb, "-f", "-")).Required();

    /// <summary>All that MDS tells of what happened here: emulators, what was made for them, events, logs and metrics of servers and operator.</summary>
    private async Task<string> ToldAsync()
    {
        const string Servers = "--selector=app.kubernetes.io/name=mds-server";
        const string Operators = "--selector=app.kubernetes.io/component=operator";
        var told = new StringBuilder();
        string[][] questions =
        [
            ["get", "metadataemulators", "-o", "yaml"],
            ["get", "pods", "-o", "wide"],
            ["get", "events", "--sort-by=.lastTimestamp"],
            ["logs", Servers, "--all-containers", "--tail=-1", "--prefix", "--max-log-requests=100"],
            ["get", "configmaps,services,deployments,pods", Servers, "-o", "yaml"],
            ["logs", Operators, "--namespace", ClusterFixture.Namespace, "--tail=-1", "--prefix"],
            ["get", "events,deployments,pods", "--namespace", ClusterFixture.Namespace, "-o", "yaml"],
        ];
        foreach (var question in questions)
        {
            await AskAsync(told, question);
        }

        // The one-node cluster keeps nobody from these ports; others let the operator alone reach them.
        if (_cluster.OwnCluster is not null)
        {
            (string, string, int, string)[] ports =
            [
                (Name, Servers, 16176, "metrics"),
                (Name, Servers, 16176, "status"),
                (ClusterFixture.Namespace, Operators, ClusterFixture.OperatorMetricsPort, "metrics"),
            ];
            foreach (var (space, selector, port, path) in ports)
            {
                foreach (var pod in await _cluster.ListAsync(CancellationToken.None, "pods", "--namespace", space, selector))
                {
                    if (pod.Condition("Ready").IsTrue)
                    {
                        await AskAsync(told, "get", "--raw", $"/api/v1/namespaces/{space}/pods/{pod.Name}:{port}/proxy/{path}");
                    }
                }
            }
        }

        return told.ToString();
    }

    private async Task<string> ClientLogsAsync()
    {
        var report = new StringBuilder();
        foreach (var pod in await _cluster.ListAsync(CancellationToken.None, "--namespace", Name, "pods", "--selector=test-client"))
        {
            await AskAsync(report, "logs", pod.Name, "--all-containers", "--tail=30");
        }

        return report.ToString();
    }

    private async Task AskAsync(StringBuilder report, params string[] question)
    {
        var answer = await _cluster.Kubectl.TryAsync(null, CancellationToken.None, ["--namespace", Name, .. question]);
        report.AppendLine($"--- {answer.CommandLine}").AppendLine(answer.Output).AppendLine(answer.Error);
    }
}
