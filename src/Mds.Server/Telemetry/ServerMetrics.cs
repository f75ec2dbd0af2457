using System.Diagnostics.Metrics;
using Mds.Credentials;
using Mds.Server.Protocol;
using Mds.Server.Listeners;
using Mds.Server.Reload;

namespace Mds.Server.Telemetry;

/// <summary>
/// The server's instruments. Names that the reference emulator has (salrashid123/gce_metadata_server) are its own. Every
/// label has few values: paths are templates, accounts come from the settings.
/// </summary>
internal sealed class ServerMetrics : IRequestObserver, IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Mds.Server";

    // Seconds, from what a look-up in memory takes to what a slow issuer takes.
    private static readonly double[] LatencyBounds =
        [0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

    private readonly Counter<long> _requests;
    private readonly Histogram<double> _latency;
    private readonly Counter<long> _refusals;
    private readonly Counter<long> _reloads;
    private long _droppedLines;

    /// <summary>Creates the instruments.</summary>
    /// <param name="version">The server's version.</param>
    /// <param name="state">What gauges are read from.</param>
    /// <param name="time">The clock.</param>
    public ServerMetrics(string version, Func<LiveState?> state, TimeProvider time)
    {
        Meter = new Meter(MeterName);
        _requests = Meter.CreateCounter<long>(
            "metadata_endpoint_path_requests", description: "Requests on the metadata listener, by status code and path template.");
        _latency = Meter.CreateHistogram<double>(
            "metadata_endpoint_latency_seconds",
            "s",
            "How long requests on the metadata listener took, by path template.",
            tags: null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyBounds });
        _refusals = Meter.CreateCounter<long>(
            "mds_refusals_total", description: "Requests refused before a path was looked up, by reason.");
        _reloads = Meter.CreateCounter<long>(
            "mds_reloads_total", description: "Files read again because they changed, by what they hold and result.");
        Meter.CreateObservableGauge(
            "metadata_server_version",
            () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", version)),
            description: "The version that runs.");
        Meter.CreateObservableGauge(
            "mds_build_info",
            () => new Measurement<int>(
                1, new("version", version), new("revision", ServerVersion.Revision), new("runtime", Environment.Version.ToString())),
            description: "What the server was built of, and what runs it.");
        Meter.CreateObservableGauge(
            "mds_claims_valid",
            () => state()?.Status.Claims.Valid == true ? 1 : 0,
            description: "Whether the claims document, as it stands on disk, is in use.");
        Meter.CreateObservableGauge(
            "mds_certificate_valid",
            () => PerCertificate(state(), certificate => certificate.Valid ? 1 : 0),
            description: "Whether a TLS listener's files, as they stand on disk, are in use.");
        Meter.CreateObservableGauge(
            "mds_certificate_expiry_timestamp_seconds",
            () => PerCertificate(state(), certificate => certificate.ExpiresAt?.ToUnixTimeSeconds() ?? 0),
            "s",
            "When the certificate that a TLS listener uses expires.");
        Meter.CreateObservableGauge(
            "mds_waiters",
            () => state()?.Metadata.WaiterCount ?? 0,
            description: "Requests that wait for a change of metadata.");
        Meter.CreateObservableGauge(
            "credential_type",
            () => PerCredential(state(), "type", credential => credential.Kind, _ => 1),
            description: "The kinds of credential in use.");
        Meter.CreateObservableGauge(
            "service_account_name",
            () => PerCredential(state(), "email", credential => credential.Principal, _ => 1),
            description: "The accounts that tokens stand for.");
        Meter.CreateObservableGauge(
            "service_account_hash",
            () => PerCredential(state(), "fingerprint", credential => Base64(credential.KeyFingerprint), _ => 1),
            description: "The SHA-256 hashes of the public keys that credentials have.");
        Meter.CreateObservableGauge(
            "mds_credential_valid",
            () => PerCredential(state(), "account", credential => credential.Account, credential => credential.State == "Valid" ? 1 : 0),
            description: "Whether an account's credential works, as far as is known.");
        Meter.CreateObservableGauge(
            "mds_key_fingerprint",
            () => (state()?.Status.Credentials ?? []).Where(credential => credential.KeyFingerprint is not null).Select(credential =>
                new Measurement<int>(1, new("account", credential.Account), new("sha256", credential.KeyFingerprint))),
            description: "The public keys, by their SHA-256, of accounts whose credential is a key.");
        Meter.CreateObservableGauge(
            "mds_token_expiry_timestamp_seconds",
            () => PerCredential(state(), "account", credential => credential.ExpiresAt is null ? null : credential.Account, credential => credential.ExpiresAt!.Value.ToUnixTimeSeconds()),
            "s",
            "When the access token held for an account expires.");
        Meter.CreateObservableGauge(
            "mds_token_cache_age_seconds",
            () => CacheAges(state(), time.GetUtcNow()),
            "s",
            "How long ago the issuer of an account's tokens last answered with one.");
        Meter.CreateObservableCounter(
            "mds_access_log_dropped_total",
            () => Volatile.Read(ref _droppedLines),
            description: "Lines of the access log that were left out because nobody read them fast enough.");
        Meter.CreateObservableCounter(
            "mds_upstream_calls_total",
            () => PerCache(state(), cache => cache.Calls),
            description: "Calls to token issuers, by account.");
        Meter.CreateObservableCounter(
            "mds_upstream_failures_total",
            () => PerCache(state(), cache => cache.Failures),
            description: "Calls to token issuers that failed, by account.");
    }

    /// <summary>The meter, for exporters.</summary>
    public Meter Meter { get; }

    /// <inheritdoc/>
    public bool AllowsFastLane => true;

    /// <summary>Counts a request on the metadata listener, and how long it took unless the client asked to be kept waiting.</summary>
    /// <param name="request">The request.</param>
    public void Answered(in AnsweredRequest request)
    {
        var path = request.Outcome.Path;
        _requests.Add(1, new("code", StatusCodeLabels.Of(request.Status)), new("path", path));
        if (!request.Outcome.Waited)
        {
            _latency.Record(request.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("path", path));
        }

        if (request.Outcome.Refusal is { } reason)
        {
            _refusals.Add(1, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    /// <summary>Counts a file that was read again.</summary>
    /// <param name="holds">What it holds: <c>claims</c>, <c>credential</c> or <c>certificate</c>.</param>
    /// <param name="succeeded">Whether its new content could be used.</param>
    public void Reload(string holds, bool succeeded) =>
        _reloads.Add(1, new("file", holds), new("result", succeeded ? "success" : "failure"));

    /// <summary>Counts a line of the access log that was left out.</summary>
    public void AccessLogDropped() => Interlocked.Increment(ref _droppedLines);

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();

    private static IEnumerable<Measurement<double>> PerCredential(
        LiveState? state, string label, Func<CredentialStatus, string?> name, Func<CredentialStatus, double> value) =>
        (state?.Status.Credentials ?? [])
            .Where(credential => name(credential) is not null)
            .Select(credential => new Measurement<double>(value(credential), new KeyValuePair<string, object?>(label, name(credential))));

    private static IEnumerable<Measurement<double>> PerCertificate(LiveState? state, Func<CertificateStatus, double> value) =>
        (state?.Certificates ?? []).Select(certificate => certificate.Status).Select(certificate =>
            new Measurement<double>(value(certificate), new KeyValuePair<string, object?>("file", certificate.Source)));

    private static IEnumerable<Measurement<long>> PerCache(LiveState? state, Func<TokenCacheState, long> value) =>
        (state?.Credentials.Current.Caches ?? [])
            .Select(cache => new Measurement<long>(value(cache.State), new KeyValuePair<string, object?>("account", cache.Account)));

    private static IEnumerable<Measurement<double>> CacheAges(LiveState? state, DateTimeOffset now) =>
        from cache in state?.Credentials.Current.Caches ?? []
        let answered = cache.State.LastSuccessAt
        where answered is not null
        select new Measurement<double>((now - answered.Value).TotalSeconds, new KeyValuePair<string, object?>("account", cache.Account));

    // The reference emulator's form of it.
    private static string? Base64(string? hexadecimal) =>
        hexadecimal is null ? null : Convert.ToBase64String(Convert.FromHexString(hexadecimal));
}
