using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Kubernetes;

public sealed partial class KubeClient
{
    /// <summary>Watches a collection until the server ends the watch, which it does after the timeout at the latest.</summary>
    /// <param name="type">The objects' type.</param>
    /// <param name="ns">Their namespace; null for all namespaces.</param>
    /// <param name="options">Which objects, from which version on.</param>
    /// <param name="cancellationToken">Ends the watch.</param>
    /// <exception cref="KubeApiException">The server refused or ended the watch; <see cref="KubeApiException.IsGone"/>: list again.</exception>
    public async IAsyncEnumerable<WatchEvent> WatchAsync(
        ResourceType type,
        string? ns = null,
        WatchOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        options ??= new WatchOptions();
        var query = ResourcePath.Query(
            ("watch", true),
            ("labelSelector", options.LabelSelector),
            ("fieldSelector", options.FieldSelector),
            ("resourceVersion", options.ResourceVersion),
            ("allowWatchBookmarks", options.AllowBookmarks),
            ("timeoutSeconds", Math.Ceiling(options.Timeout.TotalSeconds)));
        var request = new KubeRequest(HttpMethod.Get, ResourcePath.For(type, ns) + query);

        // The server keeps the timeout; should it not, something between us lost the connection without a word.
        using var overdue = new CancellationTokenSource(options.Timeout + RequestTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, overdue.Token);
        using var response = await _transport.StreamAsync(request, RequestTimeout, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        while (await ReadLineAsync(reader, request, cancellationToken, either.Token) is { } line)
        {
            var watched = KubeJson.TryParseObject(line);
            if (watched?["object"] is not JsonObject resource)
            {
                throw new HttpRequestException($"{request}: the server sent something that is no watch event.");
            }

            // Taken out, so that the event around it can be collected.
            watched.Remove("object");
            yield return new WatchEvent(
                KubeJson.TextOf(watched["type"]) switch
                {
                    "ADDED" => WatchEventType.Added,
                    "MODIFIED" => WatchEventType.Modified,
                    "DELETED" => WatchEventType.Deleted,
                    "BOOKMARK" => WatchEventType.Bookmark,
                    "ERROR" => throw KubeApiException.FromWatchError(request.ToString(), resource),
                    var unknown => throw new HttpRequestException($"{request}: the server sent an event of unknown type '{unknown}'."),
                },
                resource);
        }
    }

    private static async Task<string?> ReadLineAsync(
        StreamReader reader, KubeRequest request, CancellationToken callers, CancellationToken either)
    {
        try
        {
            return await reader.ReadLineAsync(either);
        }
        catch (OperationCanceledException e) when (!callers.IsCancellationRequested)
        {
            throw new HttpRequestException($"{request}: the server did not end the watch when it was due.", e);
        }
        catch (IOException e)
        {
            throw new HttpRequestException($"{request}: the connection was lost: {e.Message}", e);
        }
    }
}
