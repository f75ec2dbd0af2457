using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Telemetry;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Settings;

/// <summary>Everything the server can be told, checked and with its defaults filled in. See docs/server.md.</summary>
internal sealed record ServerSettings
{
    /// <summary>Where the claims document is; <see langword="null"/> takes the built-in sample.</summary>
    public string? ConfigFile { get; init; }

    /// <summary>Whose metadata server it is like.</summary>
    public MetadataFlavor Flavor { get; init; }

    /// <summary>Where metadata is served: 127.0.0.1:8080 as the reference emulator does.</summary>
    public MetadataListeners Metadata { get; init; } = MetadataListeners.Default;

    /// <summary>The names and addresses that requests for metadata may name as their host; empty for every one.</summary>
    public IReadOnlyList<string> AllowedHosts { get; init; } = [];

    /// <summary>Where health, metrics and status are served; <see langword="null"/> for nowhere.</summary>
    public AdminSettings? Admin { get; init; }

    /// <summary>Where the documents are served that verify the local issuer's tokens; <see langword="null"/> for nowhere but on the admin listener.</summary>
    public ListenerSettings? Issuer { get; init; }

    /// <summary>Who speaks for which account. An account that has no credential has no tokens.</summary>
    public IReadOnlyList<CredentialSettings> Credentials { get; init; } = [];

    /// <summary>Another metadata server, over whose claims those of the file are laid; <see langword="null"/> for none.</summary>
    public string? ClaimsUpstream { get; init; }

    /// <summary>The configuration of gcloud over whose project's claims those of the file are laid; <see langword="null"/> for none.</summary>
    public GcloudSettings? GcloudProject { get; init; }

    /// <summary>Where Google's token services are, where they are not at the public addresses.</summary>
    public GoogleEndpoints Endpoints { get; init; } = new();

    /// <summary>The variables of the process: Google's libraries look there for some credentials, and so are they here.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>What replaces values of the claims document: the <c>GOOGLE_*</c> variables.</summary>
    public OverrideSettings Overrides { get; init; } = new();

    /// <summary>Whether to serve, with 503, what cannot be loaded at start, instead of refusing to start.</summary>
    public bool StartDegraded { get; init; }

    /// <summary>Whether to ask for each account's token at start, so that the first client does not wait.</summary>
    public Prefetch Prefetch { get; init; } = Prefetch.Background;

    /// <summary>
    /// How long to go on serving after the signal to stop, saying meanwhile on /readyz that the end is near: whoever
    /// routes requests here needs that time to stop doing so.
    /// </summary>
    public TimeSpan ShutdownDelay { get; init; }

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; } = LogFormat.Auto;

    /// <summary>Where a line for each request goes.</summary>
    public AccessLogOutput AccessLog { get; init; } = AccessLogOutput.Off;

    /// <summary>What is sent to a collector.</summary>
    public OpenTelemetrySettings OpenTelemetry { get; init; } = new();

    /// <summary>The least important log lines written.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>Things the person who started the server should know, though they are no errors.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}
