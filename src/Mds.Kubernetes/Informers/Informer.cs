using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mds.Kubernetes;

/// <summary>
/// A copy of a collection in memory, kept current by one list and a watch from there on. It outlives lost connections and
/// API server restarts (the watch resumes) and outdated versions (it lists again, and reports what vanished meanwhile as
/// deleted). The objects are shared: never change them. Thread-safe.
/// </summary>
public sealed partial class Informer
{
    // client-go's values for a reflector.
    private static readonly Backoff Pause = new(TimeSpan.FromMilliseconds(800), TimeSpan.FromSeconds(30));
    private static readonly TimeSpan Calm = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan ShortWatch = TimeSpan.FromSeconds(1);

    private readonly KubeClient _client;
    private readonly ResourceType _type;
    private readonly InformerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ResourceStore _store = new();
    private readonly Lock _handling = new();
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Action<ResourceChange>> _handlers = [];
    private string? _version;
    private long _lists;
    private long _watches;
    private long _failures;

    /// <summary>Creates the informer; <see cref="RunAsync"/> starts it.</summary>
    /// <param name="client">The API client.</param>
    /// <param name="type">The objects' type.</param>
    /// <param name="options">Which objects; null is all of them.</param>
    /// <param name="logger">Where trouble is told.</param>
    /// <param name="time">The clock; null is the system's.</param>
    public Informer(
        KubeClient client,
        ResourceType type,
        InformerOptions? options = null,
        ILogger<Informer>? logger = null,
        TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(type);
        _client = client;
        _type = type;
        _options = options ?? new InformerOptions();
        _logger = logger ?? NullLogger<Informer>.Instance;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The objects' type.</summary>
    public ResourceType Type => _type;

    /// <summary>Whether the store has held the whole collection once. From then on it only lags.</summary>
    public bool HasSynced => _synced.Task.IsCompletedSuccessfully;

    /// <summary>How often the collection was listed: once, and again after each outdated version.</summary>
    public long Lists => Interlocked.Read(ref _lists);

    /// <summary>How often a watch was begun.</summary>
    public long Watches => Interlocked.Read(ref _watches);

    /// <summary>How often a list or watch failed.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Ends when the store holds the whole collection.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public Task WaitForSyncAsync(CancellationToken cancellationToken = default) => _synced.Task.WaitAsync(cancellationToken);

    /// <summary>Finds an object.</summary>
    /// <param name="ns">Its namespace; null for types without.</param>
    /// <param name="name">Its name.</param>
    public JsonObject? Find(string? ns, string name) => _store.Find(ns, name);

    /// <summary>All objects.</summary>
    public IReadOnlyList<JsonObject> List() => _store.List();

    /// <summary>The objects of one namespace.</summary>
    /// <param name="ns">The namespace.</param>
    public IReadOnlyList<JsonObject> List(string ns) => _store.List(ns);

    /// <summary>
    /// Calls <paramref name="handler"/> for every object there is, as an addition, and for every change from then on, one
    /// at a time and in order. It must return at once; as a rule it adds a key to a <see cref="WorkQueue{TKey}"/>.
    /// </summary>
    /// <param name="handler">What to call.</param>
    public void AddHandler(Action<ResourceChange> handler)
    {
        lock (_handling)
        {
            _handlers.Add(handler);
            foreach (var resource in _store.List())
            {
                Handle(handler, new ResourceChange(ChangeType.Added, resource));
            }
        }
    }

    /// <summary>Keeps the store current until cancelled. No failure ends it.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        var lastFailure = _time.GetTimestamp();
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                {
                    _version = await ReplaceAsync(cancellationToken);
                    _synced.TrySetResult();
                }

                await WatchAsync(_version, cancellationToken);
                continue;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                break;
            }
            catch (KubeApiException e) when (e.IsGone)
            {
                _version = null;
                Log.Outdated(_logger, _type.Plural);
            }
            catch (HttpRequestException e)
            {
                Log.Failed(_logger, _type.Plural, e.Message);
            }
#pragma warning disable CA1031 // Whoever relies on the store would go on with an old one and never know.
            catch (Exception e)
#pragma warning restore CA1031
            {
                _version = null;
                Log.Broken(_logger, _type.Plural, e);
            }

            Interlocked.Increment(ref _failures);
            failures = _time.GetElapsedTime(lastFailure) > Calm ? 1 : failures + 1;
            lastFailure = _time.GetTimestamp();
            await Task.Delay(Pause.AfterWithJitter(failures), _time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Lists the collection and brings the store to it.</summary>
    /// <returns>The collection's version.</returns>
    private async Task<string> ReplaceAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _lists);
        var (items, version) = await ListAsync(cancellationToken);
        var present = items.Select(Identity).ToHashSet();
        foreach (var vanished in _store.List().Where(resource => !present.Contains(Identity(resource))))
        {
            Notify(() => _store.Remove(vanished));
        }

        foreach (var item in items)
        {
            Set(item);
        }

        return version;

        static (string?, string) Identity(JsonObject resource) =>
            (KubeJson.NamespaceOf(resource), KubeJson.NameOf(resource));
    }

    private async Task<(List<JsonObject> Items, string Version)> ListAsync(CancellationToken cancellationToken)
    {
        var options = new ListOptions
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            Limit = _options.PageSize,
        };
        var items = new List<JsonObject>();
        while (true)
        {
            ResourceList page;
            try
            {
                page = await _client.ListAsync(_type, _options.Namespace, options, cancellationToken);
            }
            catch (KubeApiException e) when (e.IsGone && options.Continue is not null)
            {
                // The pages outlived the version they belong to; only one whole answer is sure not to.
                items.Clear();
                options = options with { Limit = null, Continue = null };
                continue;
            }

            items.AddRange(page.Items);
            if (page.Continue is null)
            {
                return (items, page.ResourceVersion);
            }

            options = options with { Continue = page.Continue };
        }
    }

    private async Task WatchAsync(string version, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _watches);
        var start = _time.GetTimestamp();
        var events = 0;
        var options = new WatchOptions
        {
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            ResourceVersion = version,
#pragma warning disable CA5394 // Jitter keeps no secret.
            Timeout = _options.WatchTimeout * (1 + Random.Shared.NextDouble()),
#pragma warning restore CA5394
        };
        await foreach (var watched in _client.WatchAsync(_type, _options.Namespace, options, cancellationToken))
        {
            events++;
            var current = KubeJson.ResourceVersionOf(watched.Resource);
            switch (watched.Type)
            {
                case WatchEventType.Added or WatchEventType.Modified:
                    Set(watched.Resource);
                    break;
                case WatchEventType.Deleted:
                    Remove(watched.Resource);
                    break;
            }

            _version = current;
        }

        if (events == 0 && _time.GetElapsedTime(start) < ShortWatch)
        {
            throw new HttpRequestException("the server ended the watch at once.");
        }
    }

    private JsonObject Transform(JsonObject resource)
    {
        if (_options.Transform is not { } transform)
        {
            return resource;
        }

        transform(resource);
        // Parsed anew, because a parsed object holds on to all of its text, removed parts included.
        return JsonNode.Parse(JsonSerializer.SerializeToUtf8Bytes(resource))!.AsObject();
    }

    private void Set(JsonObject resource)
    {
        var kept = Transform(resource);
        Notify(() => _store.Set(kept));
    }

    private void Remove(JsonObject resource)
    {
        var last = Transform(resource);
        Notify(() => _store.Remove(last));
    }

    private void Notify(Func<ResourceChange?> change)
    {
        // Change and notice are one step, so that a handler added meanwhile sees each object exactly once.
        lock (_handling)
        {
            if (change() is { } made)
            {
                foreach (var handler in _handlers)
                {
                    Handle(handler, made);
                }
            }
        }
    }

    private void Handle(Action<ResourceChange> handler, ResourceChange change)
    {
#pragma warning disable CA1031 // One broken handler must not keep the others, or the store, from the change.
        try
        {
            handler(change);
        }
        catch (Exception e)
        {
            Log.HandlerFailed(_logger, _type.Plural, KubeJson.NameOf(change.Resource), e);
        }
#pragma warning restore CA1031
    }
}
