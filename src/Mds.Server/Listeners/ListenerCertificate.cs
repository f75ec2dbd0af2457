using System.Net.Security;
using Mds.Server.Reload;
using Mds.Server.Telemetry;

namespace Mds.Server.Listeners;

/// <summary>
/// The identity that a TLS listener has now. Files that change give it another; files that cannot be used leave the last
/// good one in place. Connections that are open keep the one they began with.
/// </summary>
internal sealed partial class ListenerCertificate
{
    private readonly Lock _gate = new();
    private readonly TlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private Dictionary<string, FileContent> _contents;
    private volatile TlsIdentity? _identity;
    private volatile string? _problem;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="settings">The files.</param>
    /// <param name="time">The clock that certificates expire by.</param>
    /// <param name="logger">Takes what becomes of changes.</param>
    public ListenerCertificate(TlsSettings settings, TimeProvider time, ILogger logger)
    {
        _settings = settings;
        _time = time;
        _logger = logger;
        _contents = settings.Files.Distinct(StringComparer.Ordinal).ToDictionary(path => path, FileContent.Read, StringComparer.Ordinal);
        Load();
    }

    /// <summary>Why the files as they are now cannot be used; <see langword="null"/> when they are in use.</summary>
    public string? Problem => _problem;

    /// <summary>How it stands.</summary>
    public CertificateStatus Status =>
        new(_problem is null, _settings.CertificateFile, _identity?.Subject, _identity?.ExpiresAt, _problem);

    /// <summary>What a connection that begins now is served with.</summary>
    /// <exception cref="CertificateException">The files could not be used yet.</exception>
    public SslServerAuthenticationOptions Options() => (_identity ?? throw new CertificateException(_problem!)).Options();

    /// <summary>Begins to follow the files.</summary>
    /// <param name="watchLogger">Takes what goes wrong while watching.</param>
    /// <param name="metrics">Takes the counts of changes.</param>
    public IEnumerable<WatchedFile> Watch(ILogger watchLogger, ServerMetrics metrics) =>
        _contents.ToList().Select(file => new WatchedFile(file.Key, file.Value, _time, watchLogger, _ => Reload(metrics)));

    // All files are looked at, whichever changed: a certificate goes with its own key only.
    private void Reload(ServerMetrics metrics)
    {
        lock (_gate)
        {
            var contents = _contents.ToDictionary(
                file => file.Key, file => file.Value.CanChange ? FileContent.Read(file.Key) : file.Value, StringComparer.Ordinal);
            if (contents.All(file => file.Value.IsSameAs(_contents[file.Key])))
            {
                return;
            }

            _contents = contents;
            Load();
            metrics.Reload("certificate", _problem is null);
            if (_problem is { } problem)
            {
                Log.Kept(_logger, problem);
            }
            else
            {
                Log.Reloaded(_logger, _settings.CertificateFile, _identity!.ExpiresAt);
            }
        }
    }

    private void Load()
    {
        try
        {
            _identity = TlsIdentity.Load(_settings, _contents, _time.GetUtcNow());
            _problem = null;
        }
        catch (CertificateException exception)
        {
            _problem = _identity is null ? exception.Message : $"{exception.Message} The certificate loaded before stays in use until then.";
        }
    }
}
