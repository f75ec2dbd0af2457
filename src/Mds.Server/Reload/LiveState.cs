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
    private readonly CancellationTokenSource _stop = new();
    private readonly BaseClaims _claims;
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
        Accounts =
        [
            .. settings.Credentials.Select(credential =>
                new AccountCredential(credential, CredentialFiles.Read(credential.Files), surroundings)),
        ];
        var (lower, origin) = settings switch
        {
            { ClaimsUpstream: { } address } => ($"the metadata server at {address}", "-claimsUpstream"),
            { GcloudProject: not null } => (GcloudProjectClaims.Source, "-gcloudProjectAttributes"),
            _ => (null, "-configFile"),
        };
        _claims = new BaseClaims(settings.ConfigFile ?? (lower is null ? SampleClaims.Source : null), lower);
        GuestAttributes = new GuestAttributes(Metadata, settings.Flavor);
        Events = new SimulatedEvents(time);
        Credentials = new CredentialStore(CredentialSet.Empty);

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

        ServeTokens();
        Events.Changed += Refresh;
    }

    /// <summary>The tree that is served.</summary>
    public MetadataStore Metadata { get; }

    /// <summary>What programs on the machine wrote.</summary>
    public GuestAttributes GuestAttributes { get; }

    /// <summary>What happens to the machine, as a test wants it.</summary>
    public SimulatedEvents Events { get; }

    /// <summary>The token caches in use.</summary>
    public CredentialStore Credentials { get; }

    /// <summary>The credentials of the settings.</summary>
    public IReadOnlyList<AccountCredential> Accounts { get; }

    /// <summary>The certificates of TLS listeners, which the status tells of.</summary>
    public IReadOnlyList<ListenerCertificate> Certificates { get; init; } = [];

    /// <summary>Whether there are claims to serve.</summary>
    public bool HasClaims => _claimsStatus.Hash is not null;

    /// <summary>
    /// The claims document as edits find it: what is served, but for simulated events and guest attributes that programs
    /// wrote; <see langword="null"/> when there are no claims.
    /// </summary>
    public Claims? EditedClaims
    {
        get
        {
            lock (_gate)
            {
                return _claims.Current is { } document ? Edited(document, _edits) : null;
            }
        }
    }

    /// <summary>Why one of the accounts tries nothing more until its settings or files change; <see langword="null"/> when all do.</summary>
    public string? Refusal
    {
        get
        {
            lock (_gate)
            {
                return Accounts.Select(account => account.Refusal is { } reason
                    ? $"The credential of the account \"{account.Settings.Account}\" has been stopped. {reason}"
                    : null).FirstOrDefault(reason => reason is not null);
            }
        }
    }

    /// <summary>Whether no account tries anything any more.</summary>
    public bool IsEveryAccountRefused
    {
        get
        {
            lock (_gate)
            {
                return Accounts.Count > 0 && Accounts.All(account => account.Refusal is not null);
            }
        }
    }

    /// <summary>An account whose first call, which is under way, may be its last one: <see cref="Refusal"/>.</summary>
    public string? AccountToBeTried
    {
        get
        {
            lock (_gate)
            {
                return _settings.Prefetch is Prefetch.Off ? null : Accounts.FirstOrDefault(account =>
                    account.CanBeRefused && account.Prefetch && account.Cache!.State.Health is TokenCacheHealth.Unknown)?.Settings.Account;
            }
        }
    }

    /// <summary>The local issuers whose keys are published.</summary>
    public IReadOnlyList<LocalIssuer> Issuers
    {
        get
        {
            lock (_gate)
            {
                return [.. Accounts.Select(account => account.Issuer).OfType<LocalIssuer>()];
            }
        }
    }

    /// <summary>An account that should have an access token and has none; <see langword="null"/> when there is no such.</summary>
    public string? AccountWithoutToken
    {
        get
        {
            lock (_gate)
            {
                return Accounts.FirstOrDefault(account => account.WantsToken && account.Cache!.State.ExpiresAt is null)?.Settings.Account;
            }
        }
    }

    /// <summary>How everything stands.</summary>
    public ServerStatus Status
    {
        get
        {
            lock (_gate)
            {
                return new ServerStatus(ServerVersion.Text, _claimsStatus, [.. Accounts.Select(StatusOf)])
                {
                    Certificates = Certificates.Count == 0 ? null : [.. Certificates.Select(certificate => certificate.Status)],
                };
            }
        }
    }

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
            ServeTokens();
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

        _stop.Cancel();
        Events.Dispose();
        Credentials.Dispose();
        foreach (var account in Accounts)
        {
            account.Dispose();
        }

        Metadata.Dispose();
        _stop.Dispose();
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
                ServeTokens();
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

    // Caches made of the same things as before are taken over.
    private void ServeTokens()
    {
        var caches = new List<TokenCache>();
        foreach (var account in Accounts)
        {
            var name = account.Settings.Account;
            var node = Metadata.Current.Find($"/computeMetadata/v1/instance/service-accounts/{name}/token");
            var email = Metadata.Current.Claims.FindAccountEmail(name);
            var (cache, isNew) = account.Refresh(email, node?.Account?.Scopes ?? []);
            caches.Add(cache);
            if (isNew)
            {
                Begin(account, cache, email);
            }
        }

        Credentials.Replace(new CredentialSet(caches));
        foreach (var account in Accounts)
        {
            account.LetGo();
        }
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

            ServeTokens();
        }
    }

    private void Begin(AccountCredential account, TokenCache cache, string? email)
    {
        cache.StateChanged += (_, change) =>
        {
            if (change.Current.Health == TokenCacheHealth.Failed)
            {
                Log.TokenFailed(_logger, cache.Account, change.Current.Message ?? "");
            }
            else if (change.Previous.Health == TokenCacheHealth.Failed)
            {
                Log.TokenRecovered(_logger, cache.Account);
            }
        };
        cache.CallFailed += (_, failure) => Log.CallFailed(_logger, cache.Account, failure.Wanted, failure.Message);
        if (email is not null && cache.Description.Principal is { } principal && principal != email)
        {
            Log.PrincipalDiffers(_logger, account.Settings.Account, email, principal);
        }

        var universe = Metadata.Current.Claims.UniverseDomain;
        if (account.Description?.UniverseDomain is { Length: > 0 } own && own != universe)
        {
            Log.UniverseDiffers(_logger, account.Settings.Account, universe, own);
        }

        if (_settings.Prefetch != Prefetch.Off && account.Prefetch)
        {
            _ = cache.PrefetchAsync(_stop.Token);
        }
    }

    private static CredentialStatus StatusOf(AccountCredential account)
    {
        var cache = account.Cache!;
        var state = cache.State;
        var status = new CredentialStatus(
            cache.Account, account.Settings.Kind, cache.Description.Principal, state.Health.ToString(), state.Fault, state.Message,
            state.ExpiresAt, account.KeyFingerprint);
        return account.Problem is { } problem
            ? status with { State = nameof(TokenCacheHealth.Failed), Fault = problem.Fault, Message = problem.Message }
            : account.Refusal is { } refusal
            // It speaks for the account even while a token from before is still served.
            ? status with { State = nameof(TokenCacheHealth.Failed), Fault = TokenSourceFault.Unusable, Message = refusal }
            : status;
    }
}
