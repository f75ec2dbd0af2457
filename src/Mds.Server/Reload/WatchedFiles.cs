namespace Mds.Server.Reload;

/// <summary>Watches the files that something is made of, and with each change those that have become part of it.</summary>
internal sealed class WatchedFiles : IAsyncDisposable
{
    private readonly Func<IEnumerable<string>> _paths;
    private readonly Func<string, FileContent?> _known;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<string, FileContent> _changed;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, WatchedFile> _files = new(StringComparer.Ordinal);
    private bool _stopped;

    /// <summary>Begins to watch.</summary>
    /// <param name="paths">Tells which files there are; asked again after each change.</param>
    /// <param name="known">What is known of a file already; <see langword="null"/> for nothing.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what goes wrong in the handler.</param>
    /// <param name="changed">Called with each file that has a new content, and that content; for several files at once, perhaps.</param>
    public WatchedFiles(
        Func<IEnumerable<string>> paths, Func<string, FileContent?> known, TimeProvider time, ILogger logger, Action<string, FileContent> changed)
    {
        (_paths, _known, _time, _logger, _changed) = (paths, known, time, logger, changed);
        Follow();
    }

    /// <summary>Stops watching; no call to the handler is under way when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _stopped = true;
        }

        foreach (var file in _files.Values)
        {
            await file.DisposeAsync();
        }
    }

    private void Follow()
    {
        lock (_gate)
        {
            foreach (var path in _stopped ? [] : _paths())
            {
                if (!_files.ContainsKey(path))
                {
                    _files[path] = new(path, _known(path) ?? FileContent.Read(path), _time, _logger, content => Take(path, content));
                }
            }
        }
    }

    private void Take(string path, FileContent content)
    {
        _changed(path, content);
        Follow();
    }
}
