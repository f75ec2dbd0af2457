using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;
using Mds.Cluster.Tests.Programs;

[assembly: AssemblyFixture(typeof(ClusterFixture))]

namespace Mds.Cluster.Tests.Clusters;

/// <summary>The cluster under test, with MDS installed by helm once for all tests. <c>make e2e</c> starts it and sets the variables.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    public const string Namespace = "mds-system";
    public const string Release = "mds";
    public const string Operator = "deployment/mds-operator";
    public const string WebhookConfiguration = "mutatingwebhookconfiguration/mds";
    public const string AuthoritySecret = "mds-webhook-ca";

    /// <summary>Where the chart lets the operator tell its metrics.</summary>
    public const int OperatorMetricsPort = 8080;

    private const string Definition = "metadataemulators.mds.dev";

    private readonly string _registry = Variable("MDS_E2E_REGISTRY");
    private readonly string _tag = Variable("MDS_E2E_TAG");
    private bool _isOurs;

    /// <summary>The top of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    public ExternalProgram Kubectl { get; } = new("kubectl");

    public ExternalProgram Helm { get; } = new(Variable("HELM"));

    /// <summary>Where what helps to understand a failure is put.</summary>
    public string Logs { get; } = Variable("MDS_E2E_LOGS");

    /// <summary>The tag of the operator's next version.</summary>
    public string NextTag { get; } = Variable("MDS_E2E_NEXT_TAG");

    /// <summary>The one-node cluster that is the tests' own; null when the cluster is somebody else's.</summary>
    public string? OwnCluster { get; } = Variable("MDS_E2E_CLUSTER") is { Length: > 0 } name ? name : null;

    /// <summary>The secrets of all tests so far.</summary>
    public SecretSweep Secrets { get; } = new();

    /// <summary>Everything that was in the cluster before MDS was installed.</summary>
    public ObjectSnapshot Before { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var cancellation = CancellationToken.None;
        if (!string.IsNullOrWhiteSpace(await Kubectl.RunAsync(cancellation, "get", "crd", Definition, "--ignore-not-found")))
        {
            throw new InvalidOperationException("The cluster has MDS already. The tests install it, and remove it with all emulators: use another cluster.");
        }

        _isOurs = true;
        await ApplyAsync(
            $$"""
            apiVersion: v1
            kind: Namespace
            metadata:
              name: {{Namespace}}
              labels: {pod-security.kubernetes.io/enforce: restricted}
            """,
            cancellation);
        await Until.HoldsAsync(
            "the namespace's default account is made",
            () => Kubectl.TryAsync(null, cancellation, "get", "-n", Namespace, "serviceaccount/default"), got => got.Succeeded, cancellation);
        Before = await ObjectSnapshot.TakeAsync(this, cancellation);
        await Helm.RunAsync(cancellation, ["install", Release, Path.Combine(Repository, "charts/mds"), "--wait", .. Values(_tag)]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_isOurs)
        {
            return;
        }

        await Kubectl.TryAsync(null, CancellationToken.None, "delete", "-f", Path.Combine(Repository, "deploy/emulator.yaml"), "--ignore-not-found");
        await Helm.TryAsync(null, CancellationToken.None, "uninstall", Release, "--namespace", Namespace);
        await Kubectl.TryAsync(null, CancellationToken.None, "delete", "namespace", Namespace, "--ignore-not-found");
        await Kubectl.TryAsync(null, CancellationToken.None, "delete", "crd", Definition, "--ignore-not-found");
    }

    /// <summary>The name of an image of this build.</summary>
    public string Image(string name) => $"{_registry}/{name}:{_tag}";

    /// <summary>What helm is told, with the operator's image in the given version.</summary>
    public string[] Values(string operatorTag) =>
    [
        "--namespace", Namespace, "--timeout", "5m", "--set", $"global.imageRegistry={_registry}",
        "--set", $"image.tag={operatorTag}", "--set", $"server.image.tag={_tag}",
    ];

    /// <summary>Applies a manifest.</summary>
    public async Task ApplyAsync(string manifest, CancellationToken cancellation) =>
        (await Kubectl.TryAsync(manifest, cancellation, "apply", "-f", "-")).Required();

    /// <summary>Reads one object, or a list, as the arguments of <c>kubectl get</c> name it.</summary>
    public async Task<JsonObject> GetAsync(CancellationToken cancellation, params string[] arguments) =>
        JsonNode.Parse(await Kubectl.RunAsync(cancellation, ["get", "-o", "json", .. arguments]))!.AsObject();

    /// <summary>The items of a list.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken cancellation, params string[] arguments) =>
        [.. (await GetAsync(cancellation, arguments))["items"]!.AsArray().Select(item => item!.AsObject())];

    /// <summary>The operator's pods that are not being deleted.</summary>
    public async Task<IReadOnlyList<JsonObject>> OperatorPodsAsync(CancellationToken cancellation) =>
    [
        .. (await ListAsync(cancellation, "pods", "-n", Namespace, "-l", "app.kubernetes.io/component=operator"))
            .Where(pod => pod["metadata"]!["deletionTimestamp"] is null),
    ];

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name)
        ?? throw new InvalidOperationException($"The environment variable {name} is not set: these tests are run by `make e2e`.");

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "MdsOperator.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        }

        return folder;
    }
}
