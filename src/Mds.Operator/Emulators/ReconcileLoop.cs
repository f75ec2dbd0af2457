using Mds.Kubernetes;
using Mds.Operator.Telemetry;

namespace Mds.Operator.Emulators;

/// <summary>Reconciles emulators on the replica that holds the Lease.</summary>
internal sealed partial class ReconcileLoop : BackgroundService
{
    // Reconciling is waiting, for the API server and for pods that do not answer.
    private const int Workers = 8;

    private readonly LeaderElector _elector;
    private readonly Reconciler _reconciler;
    private readonly EmulatorSource _emulators;
    private readonly ClusterCache _cache;
    private readonly OperatorMetrics _metrics;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private volatile WorkQueue<(string Namespace, string Name)>? _queue;

    /// <summary>Creates it.</summary>
    public ReconcileLoop(
        LeaderElector elector,
        Reconciler reconciler,
        EmulatorSource emulators,
        ClusterCache cache,
        OperatorMetrics metrics,
        ILogger<ReconcileLoop> logger,
        TimeProvider time)
    {
        _elector = elector;
        _reconciler = reconciler;
        _emulators = emulators;
        _cache = cache;
        _metrics = metrics;
        _logger = logger;
        _time = time;
        cache.Changed += (@namespace, name) => _queue?.Add((@namespace, name));
        metrics.Observe(() => elector.IsLeader, () => _queue?.Count ?? 0, emulators.All);
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => _elector.RunAsync(LeadAsync, stoppingToken);

    private async Task LeadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _cache.FilledAsync(cancellationToken);
            _reconciler.Reset();
            using var queue = new WorkQueue<(string, string)>(_time, longestBackoff: TimeSpan.FromSeconds(30));
            // From here on changes go into the queue; what changed before is in the cache.
            _queue = queue;
            foreach (var emulator in _emulators.All())
            {
                queue.Add((emulator.Namespace, emulator.Name));
            }

            await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(queue, cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The lease is lost or given back; the elector logs which.
        }
        finally
        {
            _queue = null;
        }
    }

    private async Task WorkAsync(WorkQueue<(string Namespace, string Name)> queue, CancellationToken cancellationToken)
    {
        while (true)
        {
            var key = await queue.GetAsync(cancellationToken);
            var start = _time.GetTimestamp();
            var failed = true;
            try
            {
                var next = await _reconciler.ReconcileAsync(key.Namespace, key.Name, cancellationToken);
                failed = false;
                queue.Forget(key);
                if (next is { } delay)
                {
                    queue.AddAfter(key, delay);
                }
                else
                {
                    _reconciler.Keep(_emulators.All().Select(emulator => emulator.Uid).ToHashSet());
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                throw;
            }
            catch (HttpRequestException e)
            {
                Log.Failed(_logger, key.Namespace, key.Name, e.Message);
                queue.AddRateLimited(key);
            }
#pragma warning disable CA1031 // What nobody foresaw of one emulator must not end the others.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.Broken(_logger, key.Namespace, key.Name, e);
                queue.AddRateLimited(key);
            }
            finally
            {
                queue.Done(key);
                _metrics.Reconciled(failed, _time.GetElapsedTime(start));
            }
        }
    }
}
