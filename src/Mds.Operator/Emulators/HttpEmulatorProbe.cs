using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Operator.Emulators;

/// <summary>Asks over HTTP, with little patience: a pod that does not answer at once is asked again later.</summary>
internal sealed class HttpEmulatorProbe : IEmulatorProbe, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        // Pods are reached directly, whatever proxy leads out of the cluster.
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(5),
    })
    {
        Timeout = Patience,
        MaxResponseContentBufferSize = 1 << 20,
    };

    /// <inheritdoc/>
    public async Task<(ServerReport? Report, string? Failure)> AskAsync(Uri address, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _client.GetAsync(address, cancellationToken);
            if (!response.IsSuccessStatusCode)
            {
                return (null, $"{address} was answered with {(int)response.StatusCode}.");
            }

            var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
            return ServerReport.Read(JsonNode.Parse(body)) is { } report
                ? (report, null)
                : (null, $"{address} was answered with something that is no status.");
        }
        catch (HttpRequestException e)
        {
            return (null, $"{address} could not be read: {e.Message}");
        }
        catch (JsonException)
        {
            return (null, $"{address} was answered with something that is no JSON.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{address} was not answered within {Patience.TotalSeconds:0} seconds.");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();
}
