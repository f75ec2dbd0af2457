using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Samples;
using Mds.Server.Settings;
using Mds.Server.Simulation;
using Mds.Server.Telemetry;

namespace Mds.Server.Reload;

/// <summary>
/// What is served now: the tree and the credentials, made of the settings and of the files as they were when they could
/// last be used. Each new content of a file makes a new tree or a new token cache, and nothing else changes.
/// </summary>
internal sealed partial class LiveState : IDisposable
{
    private readonly Lock _gate = new();
    private readonly ServerSettings _settings;
    private readonly ServerMetrics _metrics;
    private readonly ILogger _logger;
    private readonly BaseClaims _claims;
    private readonly LiveCredentials _credentials;
    // As long as a real one's (observed), and another one after every start as theirs are.
    private readonly string _cloudRunId = RandomNumberGenerator.GetHexString(128, lowercase: true);
    private volatile ClaimsStatus _claimsStatus;
    private ClaimsPatch _edits = ClaimsPatch.None;
    private bool _isDisposed;

    /// <summary>Loads everything for the first time.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="defaultIssuer">The local issuer's address where the settings give none.</param>
    /// <param name="metrics">Takes the counts of reloads.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes the log lines.</param>
    /// <param name="claimsContent">The claims document; <see langword="null"/> when only what is below it is served.</param>
    /// <param name="lowerContent">The claims of another metadata server or of gcloud's project; <see langword="null"/> when there are none.</param>
    /// <param name="isOwn">Whether an address is this server's own.</param>
    /// <exception cref="StartException">Something cannot be used, and the server may not start degraded.</exception>
    public LiveState(
        ServerSettings settings,
        string defaultIssuer,
        ServerMetrics metrics,
        TimeProvider time,
        ILogger logger,
        FileContent? claimsContent,
        FileContent? lowerContent,
        Func<string, bool> isOwn)
    {
        _settings = settings;
        _metrics = metrics;
        _logger = logger;
        Metadata = new MetadataStore(MetadataTree.Build(Claims.Parse("{}"u8.ToArray(), SampleClaims.Source)), time);
        var surroundings = new CredentialSurroundings(
            time,
            new LocalIssuers(defaultIssuer),
            settings.Endpoints,
            settings.Variables,
            Machine,
            () => Metadata.Current.Claims.UniverseDomain,
            isOwn);
        _credentials = new LiveCredentials(settings, surroundings, Metadata, logger);
        var (lower, origin) = settings switch
        {
            { ClaimsUpstream: { } address } => ($"the metadata server at {address}", "-claimsUpstream"),
            { GcloudProject: not null } => (GcloudProjectClaims.Source, "-gcloudProjectAttributes"),
            _ => (null, "-configFile"),
        };
        _claims = new BaseClaims(settings.ConfigFile ?? (lower is null ? SampleClaims.Source : null), lower);
        GuestAttributes = new GuestAttributes(Metadata, settings.Flavor);
        Events = new SimulatedEvents(time);

        if (lowerContent is not null)
        {
            _claims.TakeLower(lowerContent, Serve);
        }

        if (claimsContent is not null)
        {
            _claims.TakeFile(claimsContent, Serve);
        }

        _claimsStatus = _claims.Status;
        var errors = new[] { _claimsStatus.Error }.OfType<string>()
            .Select(error => $"The claims ({origin}) cannot be used. {error}")
            .Concat(Accounts.Where(account => account.Problem is not null).Select(account =>
                $"The credential of the account \"{account.Settings.Account}\" cannot be used. {account.Problem!.Message}"))
            .ToList();
        if (errors.Count > 0 && !settings.StartDegraded)
        {
            throw new StartException(errors);
        }

        foreach (var error in errors)
        {
            Log.StartedDegraded(_logger, error);
        }

        _credentials.Serve();
        Events.Changed += Refresh;
    }

    /// <summary>The tree that is served.</summary>
    public MetadataStore Metadata { get; }

    /// <summary>What programs on the machine wrote.</summary>
    public GuestAttributes GuestAttributes { get; }

    /// <summary>What happens to the machine, as a test wants it.</summary>
    public SimulatedEvents Events { get; }

    /// <inheritdoc cref="LiveCredentials.Caches"/>
    public CredentialStore Credentials => _credentials.Caches;

    /// <inheritdoc cref="LiveCredentials.Accounts"/>
    public IReadOnlyList<AccountCredential> Accounts => _credentials.Accounts;

    /// <summary>The certificates of TLS listeners, which the status tells of.</summary>
    public IReadOnlyList<ListenerCertificate> Certificates { get; init; } = [];

    /// <summary>Whether there are claims to serve.</summary>
    public bool HasClaims => _claimsStatus.Hash is not null;

    /// <summary>
    /// The claims document as edits find it: what is served, but for simulated events and guest attributes that programs
    /// wrote; <see langword="null"/> when there are no claims.
    /// </summary>
    public Claims? EditedClaims => Locked(() => _claims.Current is { } document ? Edited(document, _edits) : null);

    /// <inheritdoc cref="LiveCredentials.Refusal"/>
    public string? Refusal => Locked(() => _credentials.Refusal);

    /// <inheritdoc cref="LiveCredentials.IsEveryAccountRefused"/>
    public bool IsEveryAccountRefused => Locked(() => _credentials.IsEveryAccountRefused);

    /// <inheritdoc cref="LiveCredentials.AccountToBeTried"/>
    public string? AccountToBeTried => Locked(() => _credentials.AccountToBeTried);

    /// <inheritdoc cref="LiveCredentials.Issuers"/>
    public IReadOnlyList<LocalIssuer> Issuers => Locked(() => _credentials.Issuers);

    /// <inheritdoc cref="LiveCredentials.AccountWithoutToken"/>
    public string? AccountWithoutToken => Locked(() => _credentials.AccountWithoutToken);

    /// <summary>How everything stands.</summary>
    public ServerStatus Status => Locked(() => new ServerStatus(ServerVersion.Text, _claimsStatus, [.. _credentials.Statuses])
    {
        Certificates = Certificates.Count == 0 ? null : [.. Certificates.Select(certificate => certificate.Status)],
    });

    /// <summary>Takes new content of the claims file.</summary>
    /// <param name="content">The content.</param>
    public void TakeClaims(FileContent content) => TakeClaims(() => _claims.TakeFile(content, Serve));

    /// <summary>Takes new claims of the other metadata server, or of gcloud's project.</summary>
    /// <param name="content">The content.</param>
    public void TakeLower(FileContent content) => TakeClaims(() => _claims.TakeLower(content, Serve));

    /// <summary>
    /// Changes what is laid over the claims of the settings, files and variables, until the server stops: a changed file
    /// does not undo it.
    /// </summary>
    /// <param name="change">Makes the new edits of those from before.</param>
    /// <exception cref="ClaimsException">The edits do not fit the claims; nothing changed.</exception>
    public void EditClaims(Func<ClaimsPatch, ClaimsPatch> change)
    {
        lock (_gate)
        {
            var edits = change(_edits);
            if (_claims.Current is { } document)
            {
                Serve(document, edits);
            }

            _edits = edits;
            _credentials.Serve();
        }
    }

    /// <summary>
    /// Looks at all files of a credential again, because one of them changed: a volume's files change together, and what is
    /// made of some old and some new ones would be of no use.
    /// </summary>
    /// <param name="account">The credential.</param>
    /// <param name="changed">The file that changed.</param>
    public void TakeFiles(AccountCredential account, string changed)
    {
        lock (_gate)
        {
            var files = account.Files.Again(account.Settings.Files);
            if (files.AreSameAs(account.Files))
            {
                files.Clear();
                return;
            }

            var succeeded = account.Take(files);
            _metrics.Reload("credential", succeeded);
            if (succeeded)
            {
                Log.CredentialReloaded(_logger, account.Settings.Account, changed);
            }
            else
            {
                Log.CredentialUnusable(_logger, account.Settings.Account, account.Problem!.Message);
            }

            Refresh();
        }
    }

    /// <summary>Ends the background work of all caches.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
        }

        Events.Dispose();
        _credentials.Dispose();
        Metadata.Dispose();
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    private void TakeClaims(Func<bool> take)
    {
        lock (_gate)
        {
            var succeeded = take();
            _claimsStatus = _claims.Status;
            _metrics.Reload("claims", succeeded);
            if (succeeded)
            {
                _credentials.Serve();
                Log.ClaimsReloaded(_logger, _claimsStatus.Source);
            }
            else
            {
                Log.ClaimsKept(_logger, _claimsStatus.Error ?? "");
            }
        }
    }

    // The tokens of other flavors name no machine (observed, vault-plugin-auth-gcp#113).
    private ComputeEngineClaims? Machine() =>
        _settings.Flavor == MetadataFlavor.GCE ? MachineClaims.Of(Metadata.Current.Claims) : null;

    private void Serve(Claims document) => Serve(document, _edits);

    // Everything is laid over the claims and the tree is built before any of it counts: what cannot be served changes nothing.
    private void Serve(Claims document, ClaimsPatch edits)
    {
        var claims = Events.Patch.Apply(Edited(document, edits));
        GuestAttributes.Serve(_settings.Flavor == MetadataFlavor.CloudRun ? claims.AsCloudRunInstance(_cloudRunId) : claims);
    }

    private Claims Edited(Claims document, ClaimsPatch edits) => edits.Apply(ClaimsOverlay.Apply(
        document,
        _settings is { ConfigFile: null, ClaimsUpstream: null, GcloudProject: null },
        _settings.Overrides,
        Accounts.Select(account => KeyValuePair.Create(account.Settings.Account, account.Description))));

    // What lies over the claims changed: a simulated event, which a timer tells of, or what a credential says of its account.
    [SuppressMessage("Design", "CA1031", Justification = "On a timer's thread, any exception ends the process.")]
    private void Refresh()
    {
        lock (_gate)
        {
            // A timer that went off already is not stopped by disposing of it.
            if (_isDisposed)
            {
                return;
            }

            try
            {
                if (_claims.Current is { } document)
                {
                    Serve(document, _edits);
                }
            }
            catch (Exception exception)
            {
                Log.NotServed(_logger, exception);
            }

            _credentials.Serve();
        }
    }
}
