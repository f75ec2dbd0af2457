using System.Threading.Channels;

namespace Mds.Server.Reload;

/// <summary>
/// Tells of each new content of a file: rewritten, put in its place by a rename, swapped with the <c>..data</c> link of
/// a ConfigMap or Secret volume, appeared or vanished. Events of the file's directory make it quick; looking at the
/// content now and then makes it certain, because links into other directories, network file systems and directories
/// that are replaced send no event.
/// </summary>
internal sealed class WatchedFile : IAsyncDisposable
{
    /// <summary>How often the content is looked at without an event.</summary>
    public static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(5);

    // Editors and kubelets write in several steps; looking between two of them shows half a file.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(50);

    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ContentHandler _changed;
    private readonly Channel<bool> _hints =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _stop = new();
    private readonly ITimer _poll;
    private readonly Task _loop;
    private FileContent _last;
    private FileSystemWatcher? _watcher;

    /// <summary>Begins to watch.</summary>
    /// <param name="path">Where the file is, or will be.</param>
    /// <param name="known">The content that the caller knows already.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what goes wrong in the handler.</param>
    /// <param name="changed">Called with each new content, one after the other; the content is the callee's to keep or clear.</param>
    public WatchedFile(string path, FileContent known, TimeProvider time, ILogger logger, Action<FileContent> changed)
    {
        _path = Path.GetFullPath(path);
        _last = known.Fingerprint;
        _time = time;
        _changed = new ContentHandler(_path, changed, logger);
        _poll = time.CreateTimer(_ => Hint(), null, PollInterval, PollInterval);
        _loop = known.CanChange ? Task.Run(LoopAsync) : Task.CompletedTask;
    }

    /// <summary>Stops watching; no call to the handler is under way when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _poll.DisposeAsync();
        await _loop;
        _watcher?.Dispose();
        _stop.Dispose();
    }

    private void Hint() => _hints.Writer.TryWrite(true);

    private async Task LoopAsync()
    {
        try
        {
            // The file may have changed between the caller's look and the first event.
            Hint();
            await foreach (var _ in _hints.Reader.ReadAllAsync(_stop.Token))
            {
                WatchDirectory();
                await Task.Delay(Settling, _time, _stop.Token);
                while (_hints.Reader.TryRead(out bool _))
                {
                }

                var content = FileContent.Read(_path);
                if (content.IsSameAs(_last))
                {
                    content.Clear();
                }
                else
                {
                    _last = content.Fingerprint;
                    _changed.Tell(content);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    // Made anew when the directory has gone or was not there yet. Without one, looking now and then does alone.
    private void WatchDirectory()
    {
        var directory = Path.GetDirectoryName(_path)!;
        if (!Directory.Exists(directory))
        {
            _watcher?.Dispose();
            _watcher = null;
        }
        else if (_watcher is null)
        {
            try
            {
                var watcher = new FileSystemWatcher(directory)
                {
                    NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
                };
                watcher.Changed += OnEvent;
                watcher.Created += OnEvent;
                watcher.Deleted += OnEvent;
                watcher.Renamed += OnEvent;
                watcher.Error += OnError;
                watcher.EnableRaisingEvents = true;
                _watcher = watcher;
            }
            catch (Exception exception) when (exception is IOException or ArgumentException or UnauthorizedAccessException)
            {
                // No inotify instance left for this user, or the directory went just now.
            }
        }
    }

    private void OnEvent(object sender, FileSystemEventArgs change) => Hint();

    private void OnError(object sender, ErrorEventArgs error) => Hint();
}
