using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace ControlPlane;

/// <summary>A real etcd with one member.</summary>
internal sealed class Etcd : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly HttpClient _http = new();

    private Etcd(ChildProcess process, Uri address) => (_process, Address) = (process, address);

    public Uri Address { get; }

    public static async Task<Etcd> StartAsync(string folder, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var client = $"http://127.0.0.1:{FreePort.Next()}";
            var peer = $"http://127.0.0.1:{FreePort.Next()}";
            var process = ChildProcess.Start(
                KubernetesBinaries.Etcd,
                [
                    "--name", "etcd", "--data-dir", Path.Combine(folder, $"etcd-{attempt}"),
                    "--listen-client-urls", client, "--advertise-client-urls", client,
                    "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", $"etcd={peer}",
                ],
                Path.Combine(folder, $"etcd-{attempt}.log"));
            var etcd = new Etcd(process, new Uri(client));
            await Eventually.TrueAsync(
                async () => process.HasExited || await etcd.IsHealthyAsync(cancellationToken), "etcd answers", cancellationToken);
            if (!process.HasExited)
            {
                return etcd;
            }

            var output = process.Output;
            await etcd.DisposeAsync();
            if (attempt == 5)
            {
                throw new InvalidOperationException($"etcd does not start:\n{output}");
            }
        }
    }

    /// <summary>Forgets all history before this moment, as every cluster does every five minutes.</summary>
    public async Task CompactAsync(CancellationToken cancellationToken)
    {
        // Any read tells the current revision; 64-bit integers are strings in etcd's JSON.
        var read = await PostAsync("v3/kv/range", new JsonObject { ["key"] = "AA==" }, cancellationToken);
        var revision = long.Parse(read["header"]!["revision"]!.GetValue<string>(), CultureInfo.InvariantCulture);
        await PostAsync("v3/kv/compaction", new JsonObject { ["revision"] = revision, ["physical"] = true }, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.GetAsync(new Uri(Address, "health"), cancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonObject> PostAsync(string path, JsonObject body, CancellationToken cancellationToken)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(Address, path), body, cancellationToken);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))!;
    }
}
