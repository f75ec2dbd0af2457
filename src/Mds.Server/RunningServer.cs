using System.Net;
using Mds.Credentials;
using Mds.Prometheus;
using Mds.Server.Admin;
using Mds.Server.Admin.Api;
using Mds.Server.Faults;
using Mds.Server.FastLane;
using Mds.Server.Issuer;
using Mds.Server.Listeners;
using Mds.Server.Protocol;
using Mds.Server.Reload;
using Mds.Server.Samples;
using Mds.Server.Settings;
using Mds.Server.Telemetry;
using Microsoft.AspNetCore.Hosting.Server;

namespace Mds.Server;

/// <summary>A server that listens and answers, until it is stopped or disposed.</summary>
internal sealed partial class RunningServer : IAsyncDisposable
{
    // Requests under way when the listeners close; an answer takes milliseconds, a token a few seconds at worst.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(5);

    private readonly ServerSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly List<BoundListener> _listeners = [];
    private readonly List<IAsyncDisposable> _watched = [];
    private UpstreamClaims? _upstream;
    private GcloudProjectClaims? _gcloudProject;
    private WebApplication? _owner;
    private IServer? _server;
    private ServerMetrics? _metrics;
    private AccessLog? _accessLog;
    private IDisposable? _otlp;
    private PrometheusExporter? _exporter;
    private Readiness? _readiness;
    private LiveState? _state;
    private int _stopped;

    private RunningServer(ServerSettings settings, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
    }

    /// <summary>The first metadata listener.</summary>
    public BoundListener Metadata => _listeners[0];

    /// <summary>Every metadata listener, that on a port first, if there is one.</summary>
    public IEnumerable<BoundListener> MetadataListeners => _listeners.Where(listener => listener.Kind == ListenerKind.Metadata);

    /// <summary>The admin listener, if it is open.</summary>
    public BoundListener? Admin => Find(ListenerKind.Admin);

    /// <summary>The local issuer's own listener, if it is open.</summary>
    public BoundListener? Issuer => Find(ListenerKind.Issuer);

    /// <summary>What is served.</summary>
    public LiveState State => _state!;

    /// <summary>Opens the listeners, loads the files and begins to answer.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggerFactory">Takes the log lines.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="ListenException">A listener cannot be opened.</exception>
    /// <exception cref="StartException">A file cannot be used.</exception>
    public static async Task<RunningServer> StartAsync(
        ServerSettings settings, TimeProvider time, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        var server = new RunningServer(settings, time, loggerFactory.CreateLogger<RunningServer>());
        try
        {
            await server.StartAsync(loggerFactory, cancellationToken);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Stops: says so on /readyz for as long as the settings want, then closes the listeners and lets requests under way
    /// end.
    /// </summary>
    public async Task StopAsync()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0 || _server is null)
        {
            return;
        }

        _readiness?.Stop();
        if (_settings.ShutdownDelay > TimeSpan.Zero)
        {
            Log.Lingering(_logger, _settings.ShutdownDelay.TotalSeconds);
            await Task.Delay(_settings.ShutdownDelay, _time);
        }

        // Those who wait for a change may wait for hours; they are told to ask again, which leads them elsewhere.
        _state!.Metadata.Stop();
        using var limit = new CancellationTokenSource(DrainLimit, _time);
        await _server.StopAsync(limit.Token);
        Log.Stopped(_logger);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Without the pause of a graceful stop, which whoever wants it asks for by StopAsync.
        Interlocked.Exchange(ref _stopped, 1);
        foreach (var file in _watched)
        {
            await file.DisposeAsync();
        }

        if (_upstream is not null)
        {
            await _upstream.DisposeAsync();
        }

        if (_gcloudProject is not null)
        {
            await _gcloudProject.DisposeAsync();
        }

        if (_server is not null)
        {
            using var now = new CancellationTokenSource();
            await now.CancelAsync();
            await _server.StopAsync(now.Token);
        }

        if (_owner is not null)
        {
            await _owner.DisposeAsync();
        }

        if (_accessLog is not null)
        {
            await _accessLog.DisposeAsync();
        }

        // Before what it reads goes away: the last values are exported now.
        _otlp?.Dispose();
        _state?.Dispose();
        _exporter?.Dispose();
        _metrics?.Dispose();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private async Task StartAsync(ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        Bind(loggerFactory.CreateLogger<ListenerCertificate>());
        _metrics = new ServerMetrics(ServerVersion.Text, () => _state, _time);
        if (_settings.OpenTelemetry is { Metrics: not null } or { Logs: not null })
        {
            _otlp = OtlpExport.Start(_settings.OpenTelemetry.Metrics, loggerFactory);
        }

        _accessLog = _settings.AccessLog switch
        {
            AccessLogOutput.Stdout => new AccessLog(Console.OpenStandardOutput(), _time, _metrics.AccessLogDropped),
            AccessLogOutput.Stderr => new AccessLog(Console.OpenStandardError(), _time, _metrics.AccessLogDropped),
            _ => null,
        };
        _exporter = new PrometheusExporter(meter => meter == _metrics.Meter);
        var claims = await ReadClaimsAsync(cancellationToken);
        var defaultIssuer = (Issuer ?? Admin)?.Url ?? $"http://127.0.0.1:{ListenerSettings.DefaultIssuer.Port}";
        _state = new LiveState(
            _settings, defaultIssuer, _metrics, _time, loggerFactory.CreateLogger<LiveState>(), claims.File, claims.Lower, IsOwn)
        {
            Certificates = [.. _listeners.Select(listener => listener.Certificate).OfType<ListenerCertificate>()],
        };
        _readiness = new Readiness(_state, _settings.Prefetch == Prefetch.BeforeReady);
        await ServeAsync(_state, _metrics, _exporter, _readiness, loggerFactory, cancellationToken);
        Follow(claims, _state, _metrics, loggerFactory.CreateLogger<WatchedFile>());

        foreach (var note in _settings.Notes)
        {
            Log.Note(_logger, note);
        }

        foreach (var listener in _listeners)
        {
            Log.Listening(_logger, listener.Kind, listener.Url);
        }
    }

    private async Task<ClaimsSources> ReadClaimsAsync(CancellationToken cancellationToken)
    {
        var file = _settings.ConfigFile is { } path ? FileContent.Read(path)
            : _settings is { ClaimsUpstream: null, GcloudProject: null } ? new FileContent(SampleClaims.Read(_settings.Flavor), null, CanChange: false)
            : null;
        if (_settings.ClaimsUpstream is { } address)
        {
            var upstream = new UpstreamMetadata(address);
            if (IsOwn(upstream.Address))
            {
                throw new StartException([$"-claimsUpstream {upstream.Address} is this server itself. Give another metadata server's address."]);
            }

            var first = await UpstreamClaims.ReadAsync(upstream, etag: null, UpstreamClaims.FirstLimit, cancellationToken);
            return new(file, first.Content, upstream, first.ETag);
        }

        if (_settings.GcloudProject is { } gcloud)
        {
            _gcloudProject = new GcloudProjectClaims(
                gcloud, file is null ? SampleClaims.Read(_settings.Flavor) : null, _settings.Variables, _time);
            return new(file, await _gcloudProject.ReadAsync(cancellationToken));
        }

        return new(file, null);
    }

    private async Task ServeAsync(
        LiveState state,
        ServerMetrics metrics,
        PrometheusExporter exporter,
        Readiness readiness,
        ILoggerFactory loggerFactory,
        CancellationToken cancellationToken)
    {
        var faults = new FaultSet(_time);
        var recent = new RecentRequests(_time);
        var hasApi = _settings.Admin is { Api: true };
        var flavor = Flavor.Of(_settings.Flavor);
        var metadata = new MetadataHandler(
            new MetadataEndpoint(
                state.Metadata, state.GuestAttributes, state.Credentials, new AllowedHosts(_settings.AllowedHosts), flavor, _time)
            {
                HasClaims = () => state.HasClaims,
            },
            flavor,
            [
                metrics,
                .. _accessLog is null ? [] : new IRequestObserver[] { _accessLog },
                .. hasApi ? new IRequestObserver[] { recent } : [],
            ])
        {
            Faults = faults,
        };
        var issuer = new IssuerEndpoint(() => state.Issuers, _time);
        var api = new AdminApi(
            [
                new ClaimsResource(state),
                new EventsResource(state.Events, state.Metadata, _time),
                new FaultsResource(faults),
                new RequestsResource(recent),
            ],
            hasApi,
            loggerFactory.CreateLogger<AdminApi>());
        var adminEndpoint = new AdminEndpoint(
            state, readiness, exporter, _settings.Admin?.MetricsPath ?? AdminSettings.DefaultMetricsPath, issuer, api,
            Admin is { IsOfThisMachine: true });
        (_owner, _server) = HttpServer.Build(_listeners, loggerFactory, new LaneMiddleware(metadata, _time), new MalformedRequests(flavor));
        await _server.StartAsync(new HttpApplication(metadata.HandleAsync, adminEndpoint.HandleAsync, issuer.HandleAsync), cancellationToken);
    }

    private void Follow(ClaimsSources claims, LiveState state, ServerMetrics metrics, ILogger logger)
    {
        if (_settings.ConfigFile is { } path)
        {
            _watched.Add(new WatchedFile(path, claims.File!, _time, logger, state.TakeClaims));
        }

        if (claims.Upstream is { } upstream)
        {
            _upstream = new UpstreamClaims(upstream, (claims.Lower!, claims.UpstreamETag), _time, logger, state.TakeLower);
        }

        _gcloudProject?.Follow(claims.Lower!, logger, state.TakeLower);

        foreach (var account in state.Accounts)
        {
            _watched.Add(new WatchedFiles(
                () => account.Settings.Files, path => account.Files.Find(path), _time, logger, (path, content) =>
                {
                    // All files of the credential are read again together.
                    content.Clear();
                    state.TakeFiles(account, path);
                }));
        }

        _watched.AddRange(state.Certificates.SelectMany(certificate => certificate.Watch(logger, metrics)));
    }

    private void Bind(ILogger certificateLogger)
    {
        foreach (var port in _settings.Metadata.Ports)
        {
            Bind(ListenerKind.Metadata, port, certificateLogger);
        }

        if (_settings.Metadata.UnixSocket is { } unixSocket)
        {
            _listeners.Add(BoundListener.Bind(ListenerKind.Metadata, unixSocket));
        }

        if (_settings.Admin is { } admin)
        {
            _listeners.Add(BoundListener.Bind(ListenerKind.Admin, admin.Listener));
        }

        if (_settings.Issuer is { } issuer)
        {
            Bind(ListenerKind.Issuer, issuer, certificateLogger);
        }
    }

    private void Bind(ListenerKind kind, ListenerSettings port, ILogger certificateLogger)
    {
        var certificate = port.Tls is { } tls ? new ListenerCertificate(tls, _time, certificateLogger) : null;
        if (certificate?.Problem is { } problem && !_settings.StartDegraded)
        {
            throw new StartException([$"The TLS listener cannot be opened. {problem}"]);
        }

        _listeners.Add(BoundListener.Bind(kind, port, certificate));
    }

    private bool IsOwn(string address) =>
        OwnAddress.Is(address, MetadataListeners.Select(listener => listener.EndPoint).OfType<IPEndPoint>(), OwnAddress.OfThisMachine);

    private BoundListener? Find(ListenerKind kind) => _listeners.Find(listener => listener.Kind == kind);

    /// <summary>What the claims are made of at the start.</summary>
    /// <param name="File">The claims document; <see langword="null"/> when only what is below it is served.</param>
    /// <param name="Lower">The claims of another metadata server or of gcloud's project, if they are asked for.</param>
    /// <param name="Upstream">That metadata server.</param>
    /// <param name="UpstreamETag">The ETag that came with them.</param>
    private sealed record ClaimsSources(FileContent? File, FileContent? Lower, UpstreamMetadata? Upstream = null, string? UpstreamETag = null);
}
