using Mds.Kubernetes;

namespace ControlPlane;

/// <summary>A real kube-apiserver that can be killed and started again at the same address.</summary>
internal sealed class ApiServer(string folder, Func<int, IEnumerable<string>> arguments, Func<int, KubeConfig> config) : IAsyncDisposable
{
    private ChildProcess? _process;
    private int _starts;

    public int Port { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var portIsKnown = Port != 0;
        for (var attempt = 1; ; attempt++)
        {
            Port = portIsKnown ? Port : FreePort.Next();
            var process = _process = ChildProcess.Start(
                KubernetesBinaries.ApiServer, arguments(Port), Path.Combine(folder, $"kube-apiserver-{++_starts}.log"));
            using var client = new KubeClient(config(Port));
            await Eventually.TrueAsync(
                async () => process.HasExited || await IsReadyAsync(client, cancellationToken),
                "kube-apiserver answers",
                cancellationToken);
            if (!process.HasExited)
            {
                return;
            }

            var output = process.Output;
            await StopAsync();
            if (attempt == 5)
            {
                throw new InvalidOperationException($"kube-apiserver does not start:\n{output}");
            }
        }
    }

    /// <summary>Kills the server as a crash would.</summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _process, null) is { } process)
        {
            await process.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    // Ready when RBAC's default roles are there: until then even administrators may be refused. The namespaces come last.
    private static async Task<bool> IsReadyAsync(KubeClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.FindAsync(KubeResources.Namespaces, null, "default", cancellationToken) is not null
                && await client.FindAsync(ClusterRoles, null, "cluster-admin", cancellationToken) is not null;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static ResourceType ClusterRoles { get; } =
        new("rbac.authorization.k8s.io", "v1", "clusterroles", "ClusterRole", Namespaced: false);
}
