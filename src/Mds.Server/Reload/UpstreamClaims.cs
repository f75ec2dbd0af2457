using System.Globalization;
using Mds.Credentials;

namespace Mds.Server.Reload;

/// <summary>
/// Keeps up with the claims of another metadata server: waits there for a change, as its own clients do, and tells of each
/// new content, and of each way of failing once.
/// </summary>
internal sealed class UpstreamClaims : IAsyncDisposable
{
    /// <summary>How long the first answer may take.</summary>
    public static readonly TimeSpan FirstLimit = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(60);

    // More than the other server takes to answer in any case.
    private static readonly TimeSpan WaitLimit = Wait + TimeSpan.FromSeconds(15);

    /// <summary>Between two questions to a server that is away, or that does not wait when it is asked to.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Behind a change: short, since the next change is waited for; a pause, since nobody says that the other server waits.
    /// </summary>
    public static readonly TimeSpan PauseAfterChange = TimeSpan.FromMilliseconds(100);

    private readonly UpstreamMetadata _server;
    private readonly TimeProvider _time;
    private readonly ContentHandler _changed;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>Begins to wait for changes.</summary>
    /// <param name="server">The other server.</param>
    /// <param name="known">What it answered first.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Takes what goes wrong in the handler.</param>
    /// <param name="changed">Called with each new content, one after the other.</param>
    public UpstreamClaims(
        UpstreamMetadata server, (FileContent Content, string? ETag) known, TimeProvider time, ILogger logger, Action<FileContent> changed)
    {
        _server = server;
        _time = time;
        _changed = new ContentHandler($"the metadata server at {server.Address}", changed, logger);
        _loop = Task.Run(() => LoopAsync(known));
    }

    /// <summary>Asks for all claims. A server that does not answer is an answer and not an exception.</summary>
    /// <param name="server">The other server.</param>
    /// <param name="etag">The ETag to wait for a change of; <see langword="null"/> not to wait.</param>
    /// <param name="limit">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<(FileContent Content, string? ETag)> ReadAsync(
        UpstreamMetadata server, string? etag, TimeSpan limit, CancellationToken cancellationToken)
    {
        const string Everything = "?recursive=true";
        var wait = etag is null
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $"&wait_for_change=true&timeout_sec={Wait.TotalSeconds}&last_etag={Uri.EscapeDataString(etag)}");
        try
        {
            var answer = await server.GetAsync(Everything + wait, limit, cancellationToken);
            return answer.Status == 200
                ? (new FileContent(answer.Body, null, true), answer.ETag)
                : (new FileContent(null, $"The metadata server at {server.Address} answered HTTP {answer.Status} to /computeMetadata/v1/{Everything}.", true), null);
        }
        catch (TokenSourceException exception)
        {
            return (new FileContent(null, exception.Message, true), null);
        }
    }

    /// <summary>Stops waiting; no call to the handler is under way when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task LoopAsync((FileContent Content, string? ETag) last)
    {
        try
        {
            while (true)
            {
                var asked = _time.GetTimestamp();
                var next = await ReadAsync(_server, last.ETag, last.ETag is null ? FirstLimit : WaitLimit, _stop.Token);
                var isNew = !next.Content.IsSameAs(last.Content);
                if (isNew)
                {
                    _changed.Tell(next.Content);
                }

                last = next;
                if (isNew && next.ETag is not null)
                {
                    await Task.Delay(PauseAfterChange, _time, _stop.Token);
                }
                else if (_time.GetElapsedTime(asked) < Pause)
                {
                    await Task.Delay(Pause, _time, _stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }
}
