using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mds.Kubernetes;

/// <summary>
/// Competes for a <c>coordination.k8s.io/v1 Lease</c>, so that of several replicas one leads. The rules are client-go's:
/// times in the lease are never compared with this machine's clock, only how long ago this candidate saw the lease change.
/// </summary>
public sealed partial class LeaderElector
{
    private readonly KubeClient _client;
    private readonly LeaderElectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private string _observed = "";
    private long _observedAt;
    private volatile string _leader = "";
    private volatile bool _isLeader;

    /// <summary>Creates a candidate; <see cref="RunAsync"/> lets it compete.</summary>
    /// <param name="client">The API client.</param>
    /// <param name="options">Which lease, as whom.</param>
    /// <param name="logger">Where gain and loss are told.</param>
    /// <param name="time">The clock; null is the system's.</param>
    public LeaderElector(
        KubeClient client, LeaderElectorOptions options, ILogger<LeaderElector>? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        if (options.LeaseDuration <= options.RenewDeadline || options.RenewDeadline <= options.RetryPeriod)
        {
            throw new ArgumentException(
                "LeaseDuration must be longer than RenewDeadline, and that longer than RetryPeriod; else two could lead at once.",
                nameof(options));
        }

        _client = client;
        _options = options;
        _logger = logger ?? NullLogger<LeaderElector>.Instance;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Whether this candidate leads now.</summary>
    public bool IsLeader => _isLeader;

    /// <summary>Who holds the lease, as far as this candidate has seen; empty for nobody.</summary>
    public string Leader => _leader;

    /// <summary>
    /// Competes until cancelled. Each time the lease is gained, <paramref name="lead"/> is called with a token that is
    /// cancelled when the lease is lost or the candidate is to end; only after it returned is the lease given back, or
    /// competed for again.
    /// </summary>
    /// <param name="lead">The leader's work; lasts until its token is cancelled. An exception ends the candidate.</param>
    /// <param name="cancellationToken">Ends the work, then gives the lease back.</param>
    public async Task RunAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(lead);
        while (await AcquireAsync(cancellationToken))
        {
            await LeadAsync(lead, cancellationToken);
        }
    }

    private async Task<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            if (await TryAcquireOrRenewAsync(_options.RenewDeadline, cancellationToken))
            {
                Log.Gained(_logger, _options.Namespace, _options.Name, _options.Identity);
                return true;
            }

#pragma warning disable CA5394 // Jitter keeps no secret.
            await PauseAsync(_options.RetryPeriod * (1 + Random.Shared.NextDouble()), cancellationToken);
#pragma warning restore CA5394
        }

        return false;
    }

    private async Task LeadAsync(Func<CancellationToken, Task> lead, CancellationToken cancellationToken)
    {
        using var leading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var ended = new CancellationTokenSource();
        _isLeader = true;
        // The lease is renewed until the work has really ended, so that nobody else begins while it is winding down.
        var renewing = RenewUntilLostAsync(ended.Token);
        try
        {
            var work = Task.Run(() => lead(leading.Token), CancellationToken.None);
            if (await Task.WhenAny(work, renewing) == renewing)
            {
                _isLeader = false;
                Log.Lost(_logger, _options.Namespace, _options.Name, _options.Identity);
                await leading.CancelAsync();
            }

            await work;
        }
        catch (OperationCanceledException) when (leading.IsCancellationRequested)
        {
            // The work ended as it was told to.
        }
        finally
        {
            await ended.CancelAsync();
            await renewing;
            if (_isLeader)
            {
                _isLeader = false;
                await ReleaseAsync();
            }
        }
    }

    private async Task RenewUntilLostAsync(CancellationToken cancellationToken)
    {
        var renewed = _time.GetTimestamp();
        while (true)
        {
            await PauseAsync(_options.RetryPeriod, cancellationToken);
            var left = _options.RenewDeadline - _time.GetElapsedTime(renewed);
            if (cancellationToken.IsCancellationRequested || left <= TimeSpan.Zero)
            {
                return;
            }

            var asked = _time.GetTimestamp();
            if (await TryAcquireOrRenewAsync(left, cancellationToken))
            {
                // Counted from when it was asked for: others may have seen it as early as that.
                renewed = asked;
            }
            else if (_leader.Length > 0 && _leader != _options.Identity)
            {
                return;
            }
        }
    }

    /// <summary>One attempt to hold the lease.</summary>
    /// <returns>Whether this candidate holds it now.</returns>
    private async Task<bool> TryAcquireOrRenewAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var lease = await _client.FindAsync(KubeResources.Leases, _options.Namespace, _options.Name, either.Token);
            if (lease is null)
            {
                Observe(await _client.CreateAsync(KubeResources.Leases, Claim(NewLease()), cancellationToken: either.Token));
                return true;
            }

            Observe(lease);
            if (_leader.Length > 0 && _leader != _options.Identity && _time.GetElapsedTime(_observedAt) < DurationOf(lease))
            {
                return false;
            }

            Observe(await _client.ReplaceAsync(KubeResources.Leases, Claim(lease), cancellationToken: either.Token));
            return true;
        }
        catch (KubeApiException e) when (e.IsConflict || e.IsAlreadyExists)
        {
            // Another candidate was faster.
            return false;
        }
        catch (HttpRequestException e)
        {
            Log.Failed(_logger, _options.Namespace, _options.Name, e.Message);
            return false;
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task ReleaseAsync()
    {
        using var deadline = new CancellationTokenSource(_options.RetryPeriod, _time);
        try
        {
            var lease = await _client.GetAsync(KubeResources.Leases, _options.Namespace, _options.Name, deadline.Token);
            if (HolderOf(lease) != _options.Identity)
            {
                return;
            }

            var spec = lease["spec"]!.AsObject();
            spec["holderIdentity"] = "";
            spec["leaseDurationSeconds"] = 1;
            spec["renewTime"] = Now();
            await _client.ReplaceAsync(KubeResources.Leases, lease, cancellationToken: deadline.Token);
            Log.Released(_logger, _options.Namespace, _options.Name, _options.Identity);
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
        {
            // Then the others wait until the lease runs out.
            Log.Failed(_logger, _options.Namespace, _options.Name, e.Message);
        }
    }

    private void Observe(JsonObject lease)
    {
        var spec = lease["spec"]?.ToJsonString() ?? "";
        if (spec != _observed)
        {
            _observed = spec;
            _observedAt = _time.GetTimestamp();
            _leader = HolderOf(lease);
        }
    }

    private JsonObject NewLease() => new()
    {
        ["apiVersion"] = KubeResources.Leases.ApiVersion,
        ["kind"] = KubeResources.Leases.Kind,
        ["metadata"] = new JsonObject { ["namespace"] = _options.Namespace, ["name"] = _options.Name },
    };

    /// <summary>Writes this candidate into the lease, which keeps its version, so that only one of two wins.</summary>
    private JsonObject Claim(JsonObject lease)
    {
        var before = HolderOf(lease);
        if (lease["spec"] is not JsonObject spec)
        {
            lease["spec"] = spec = [];
        }

        if (before != _options.Identity)
        {
            spec["acquireTime"] = Now();
            spec["leaseTransitions"] = (spec["leaseTransitions"]?.GetValue<int>() ?? -1) + 1;
        }

        spec["holderIdentity"] = _options.Identity;
        spec["leaseDurationSeconds"] = (int)Math.Ceiling(_options.LeaseDuration.TotalSeconds);
        spec["renewTime"] = Now();
        return lease;
    }

    private static string HolderOf(JsonObject lease) => KubeJson.TextOf(lease["spec"]?["holderIdentity"]) ?? "";

    // The holder's own duration counts: during an upgrade it may have been started with another one.
    private TimeSpan DurationOf(JsonObject lease) =>
        lease["spec"]?["leaseDurationSeconds"] is JsonValue value && value.TryGetValue(out int seconds)
            ? TimeSpan.FromSeconds(seconds)
            : _options.LeaseDuration;

    // MicroTime: exactly six digits.
    private string Now() => _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private async Task PauseAsync(TimeSpan pause, CancellationToken cancellationToken) =>
        await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
