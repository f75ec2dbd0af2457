using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Mds.Kubernetes;
using Mds.Operator.Admission;
using Mds.Operator.Telemetry;

namespace Mds.Operator.Certificates;

/// <summary>
/// Keeps the webhook trusted. All replicas share one authority, in a Secret; each signs itself a certificate that lives
/// for days and exists in its memory alone; each keeps the webhook configuration telling the API servers to trust the
/// authority. Nobody leads: whoever comes first writes, with optimistic locking, and the others take what is there.
/// <para>
/// An authority signs only after the API servers have been told of it, and stays in the bundle after it was replaced. So
/// a served certificate is trusted at any moment, whichever replica restarts, and whatever is deleted or wiped.
/// </para>
/// </summary>
internal sealed partial class WebhookCertificates : BackgroundService, IReadiness
{
    /// <summary>How long an authority is good for.</summary>
    internal static readonly TimeSpan AuthorityLifetime = TimeSpan.FromDays(365);

    /// <summary>How long a certificate is good for.</summary>
    internal static readonly TimeSpan CertificateLifetime = TimeSpan.FromDays(7);

    // Timers do not count the time a machine sleeps; looking at the clock often does.
    private static readonly TimeSpan Recheck = TimeSpan.FromSeconds(10);

    // Somebody else who keeps changing the same objects must not make this a race.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ICertificateStore _store;
    private readonly OperatorOptions _options;
    private readonly ShutdownDelay _shutdown;
    private readonly string[] _names;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private AuthorityBundle? _authorities;
    private volatile X509Certificate2? _current;
    private volatile string? _problem = "The webhook has no certificate yet, because the API server has not been read.";

    /// <summary>Prepares; nothing is read or made yet.</summary>
    public WebhookCertificates(
        ICertificateStore store,
        OperatorOptions options,
        ShutdownDelay shutdown,
        TimeProvider time,
        IMeterFactory meters,
        ILogger<WebhookCertificates> logger)
    {
        (_store, _options, _shutdown, _time, _logger) = (store, options, shutdown, time, logger);
        _names = NamesOf(options);
        meters.Create(OperatorMetrics.MeterName).CreateObservableGauge(
            "mds_operator_webhook_certificate_expiry_timestamp_seconds",
            () => _current is { } current ? [new Measurement<double>(ToUnixSeconds(current.NotAfter))] : Array.Empty<Measurement<double>>(),
            "s",
            "Unix time at which the certificate that this replica serves runs out.");
    }

    /// <summary>What to serve; null when there is nothing yet.</summary>
    public X509Certificate2? Current => _current;

    /// <inheritdoc/>
    public string? NotReadyBecause => _problem;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watching = _store.RunAsync(stoppingToken);
        try
        {
            await _store.WaitForSyncAsync(stoppingToken);
            _store.Changed += Wake;
            Wake();
            await using var timer = _time.CreateTimer(_ => Wake(), null, Recheck, Recheck);
            await foreach (var _ in _wake.Reader.ReadAllAsync(stoppingToken))
            {
                await LookAfterAsync(stoppingToken);
                await Task.Delay(Pause, _time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await watching;
        }
    }

    /// <summary>Brings everything in order, or leaves it for the next time and says why.</summary>
    /// <param name="cancellationToken">Ends the attempt.</param>
    internal async Task LookAfterAsync(CancellationToken cancellationToken)
    {
        if (_shutdown.Started)
        {
            // Perhaps the whole installation is being removed, and what is missing is meant to be.
            return;
        }

        string? problem;
        try
        {
            problem = await ReconcileAsync(cancellationToken);
        }
        catch (KubeApiException exception) when (exception.IsConflict || exception.IsAlreadyExists)
        {
            // Another replica was faster. What it wrote is on its way here.
            Log.Overtaken(_logger, exception.Message);
            return;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever somebody put into the Secret: the webhook must not end over it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // What is served stays as good as it was, and the next time is soon.
            Log.Failed(_logger, exception.Message);
            problem = _current is null
                ? $"The webhook has no certificate yet: {exception.Message}"
                : Served(_store.Configuration);
        }

        if (problem != _problem)
        {
            Log.Readiness(_logger, problem ?? "The webhook's certificate is trusted by the API server.");
            _problem = problem;
        }
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>Brings the Secret, the configuration and the served certificate to what they should be.</summary>
    /// <returns>Why the webhook is not trusted; null when it is.</returns>
    private async Task<string?> ReconcileAsync(CancellationToken cancellationToken)
    {
        if (_store.Configuration is not { } configuration)
        {
            return $"There is no MutatingWebhookConfiguration {_options.WebhookConfiguration}, so no pod is injected; "
                + "helm upgrade creates it again.";
        }

        var now = _time.GetUtcNow();
        _authorities = await KeepAuthoritiesAsync(configuration, now, cancellationToken);
        if (PublishedBundle.Patch(configuration, _authorities.ToPem()) is { } patch)
        {
            configuration = await _store.PatchConfigurationAsync(patch, cancellationToken);
            Log.Published(_logger, _options.WebhookConfiguration, _authorities.Current.Certificate.Subject);
        }

        KeepCertificate(_authorities.Current, PublishedBundle.Read(configuration), now);
        return Served(configuration);
    }

    /// <summary>The authorities of the Secret, once they are in there and in order.</summary>
    private async Task<AuthorityBundle> KeepAuthoritiesAsync(
        JsonObject configuration, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var secret = _store.Secret;
        var (stored, problem) = secret is null ? (null, "It does not exist.") : AuthoritySecret.Read(secret);
        if (stored is not null && stored.Current.Certificate.IsFreshAt(now))
        {
            return stored;
        }

        // Whoever else serves has a certificate of an authority that the Secret, this process or the configuration knows.
        var known = (stored?.Certificates ?? [])
            .Concat(_authorities?.Certificates ?? [])
            .Concat(PublishedBundle.Read(configuration));
        var current = stored is null && _authorities is { } mine && mine.Current.Certificate.IsFreshAt(now)
            ? mine.Current
            : CertificateAuthority.Create(now, AuthorityLifetime);
        var next = AuthorityBundle.Of(current, known, now);
        await _store.WriteSecretAsync(
            AuthoritySecret.Write(secret, _options.Namespace, _options.WebhookCaSecret, next), cancellationToken);
        Log.AuthorityWritten(
            _logger, _options.Namespace, _options.WebhookCaSecret, current.Certificate.Subject,
            stored is null ? problem : "Two thirds of the previous authority's life are over.");
        return next;
    }

    private void KeepCertificate(CertificateAuthority authority, IReadOnlyList<X509Certificate2> published, DateTimeOffset now)
    {
        if (_current is { } current && current.IsFreshAt(now) && current.IsTrustedBy(published, now))
        {
            return;
        }

        if (published.Any(certificate => certificate.Thumbprint == authority.Certificate.Thumbprint))
        {
            // The one it replaces is not disposed of: handshakes may be using it.
            var next = authority.Issue(_names, now, CertificateLifetime);
            _current = next;
            Log.Issued(_logger, authority.Certificate.Subject, next.NotAfter);
        }
    }

    /// <summary>Why the served certificate would not be trusted; null when it would.</summary>
    private string? Served(JsonObject? configuration) =>
        configuration is not null && _current is { } current
            && current.IsTrustedBy(PublishedBundle.Read(configuration), _time.GetUtcNow())
                ? null
                : $"The webhook's certificate is not of an authority that MutatingWebhookConfiguration {_options.WebhookConfiguration} "
                    + "tells the API server to trust.";

    // What a Service may be called by; and localhost, for an operator that runs beside the API server, outside the cluster.
    private static string[] NamesOf(OperatorOptions options)
    {
        var (service, @namespace) = (options.WebhookService, options.Namespace);
        return [$"{service}.{@namespace}.svc", $"{service}.{@namespace}", service, $"{service}.{@namespace}.svc.cluster.local", "localhost"];
    }

    private static double ToUnixSeconds(DateTime time) => new DateTimeOffset(time).ToUnixTimeSeconds();
}
