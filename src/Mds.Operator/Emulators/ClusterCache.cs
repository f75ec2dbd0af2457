using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Telemetry;

namespace Mds.Operator.Emulators;

/// <summary>
/// The operator's own copy of what it looks at: emulators, what was made for them, their server pods, and where their
/// Services lead. Every replica keeps one, so that each can answer the webhook and the next leader starts warm.
/// </summary>
internal sealed partial class ClusterCache : BackgroundService, IReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly KubeClient _client;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource<ClusterFacts> _facts = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Informer[] _owned = [];
    private volatile Informer? _endpointSlices;

    /// <summary>Creates it, empty.</summary>
    public ClusterCache(KubeClient client, ILoggerFactory loggers, TimeProvider time)
    {
        _client = client;
        _loggers = loggers;
        _logger = loggers.CreateLogger<ClusterCache>();
        _time = time;
        Emulators = Informer(MetadataEmulator.Type, selector: null);
        Pods = Informer(KubeResources.Pods, Selector);
    }

    /// <summary>Called with the namespace and name of an emulator whenever it, or something of it, changed.</summary>
    public event Action<string, string>? Changed;

    /// <summary>The emulators.</summary>
    public Informer Emulators { get; }

    /// <summary>The server pods.</summary>
    public Informer Pods { get; }

    /// <summary>What was made for emulators, one informer a type; empty until <see cref="FilledAsync"/> ends.</summary>
    public IReadOnlyList<Informer> Owned => _owned;

    /// <summary>Where the emulators' Services lead; there once <see cref="FilledAsync"/> ends. A Service's slices have its labels.</summary>
    public Informer EndpointSlices => _endpointSlices ?? throw new InvalidOperationException("The API server has not been asked yet.");

    /// <inheritdoc/>
    public string? NotReadyBecause
    {
        get
        {
            var missing = All.Where(informer => !informer.HasSynced).Select(informer => informer.Type.Plural).ToList();
            return _owned.Length > 0 && missing.Count == 0
                ? null
                : $"Not everything has been read from the API server yet: {string.Join(", ", missing)}.";
        }
    }

    private static string Selector => $"{WellKnown.ManagedByLabel}={WellKnown.FieldManager}";

    private IEnumerable<Informer> All => [Emulators, Pods, .. _owned, .. _endpointSlices is { } slices ? (Informer[])[slices] : []];

    /// <summary>Waits until everything has been read once.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>What the API server knows.</returns>
    public async Task<ClusterFacts> FilledAsync(CancellationToken cancellationToken)
    {
        var facts = await _facts.Task.WaitAsync(cancellationToken);
        foreach (var informer in All)
        {
            await informer.WaitForSyncAsync(cancellationToken);
        }

        return facts;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Emulators.AddHandler(change => Tell(KubeJson.NamespaceOf(change.Resource), KubeJson.NameOf(change.Resource)));
        Pods.AddHandler(TellOwner);
        var emulators = Emulators.RunAsync(stoppingToken);
        var pods = Pods.RunAsync(stoppingToken);
        var facts = await AskAsync(stoppingToken);
        var owned = DesiredObjects.Types(facts).Select(type => Informer(type, Selector)).ToList();
        foreach (var informer in owned)
        {
            informer.AddHandler(TellOwner);
        }

        var endpointSlices = Informer(facts.EndpointSlices, Selector);
        endpointSlices.AddHandler(TellOwner);
        _endpointSlices = endpointSlices;
        _owned = [.. owned];
        _facts.TrySetResult(facts);
        await Task.WhenAll([emulators, pods, endpointSlices.RunAsync(stoppingToken), .. owned.Select(informer => informer.RunAsync(stoppingToken))]);
    }

    private async Task<ClusterFacts> AskAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var facts = await ClusterFacts.AskAsync(_client, cancellationToken);
                Log.Connected(_logger, _client.Config.Server);
                return facts;
            }
            catch (HttpRequestException e)
            {
                Log.NotConnected(_logger, e.Message);
                await Task.Delay(Pause, _time, cancellationToken);
            }
        }
    }

    private Informer Informer(ResourceType type, string? selector) =>
        new(_client, type, new InformerOptions { LabelSelector = selector }, _loggers.CreateLogger<Informer>(), _time);

    private void TellOwner(ResourceChange change)
    {
        Tell(KubeJson.NamespaceOf(change.Resource), KubeJson.LabelOf(change.Resource, WellKnown.Emulator));
        if (change.Previous is { } previous)
        {
            Tell(KubeJson.NamespaceOf(previous), KubeJson.LabelOf(previous, WellKnown.Emulator));
        }
    }

    private void Tell(string? @namespace, string? name)
    {
        if (@namespace is not null && name is not null)
        {
            Changed?.Invoke(@namespace, name);
        }
    }
}
