using System.Text.Json.Nodes;
using System.Threading.Channels;
using Mds.Credentials;
using Mds.Server.CredentialKinds;

namespace Mds.Server.Reload;

/// <summary>
/// The claims that the project of gcloud makes, and whatever becomes of them: gcloud is asked again when one of its
/// configurations changes and every few minutes, and each new content, and each way of failing, is told of once.
/// </summary>
/// <param name="gcloud">The configuration of gcloud, and the program.</param>
/// <param name="machine">The document whose machine is in the project; <see langword="null"/> for the project alone.</param>
/// <param name="variables">The variables of the process.</param>
/// <param name="time">The clock.</param>
internal sealed class GcloudProjectClaims(
    GcloudSettings gcloud, byte[]? machine, IReadOnlyDictionary<string, string> variables, TimeProvider time) : IAsyncDisposable
{
    /// <summary>What the claims are called.</summary>
    public const string Source = "gcloud's project";

    /// <summary>How often gcloud is asked. Each time costs it some seconds of a processor.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    // As they were before gcloud was first asked: what changes meanwhile is a change.
    private readonly CredentialFiles _files = CredentialFiles.Read(gcloud.Files);
    private WatchedFiles? _watched;
    private readonly Channel<bool> _hints =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly CancellationTokenSource _stop = new();
    private ITimer? _timer;
    private Task _loop = Task.CompletedTask;

    /// <summary>Asks gcloud. That it cannot tell is an answer and not an exception.</summary>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FileContent> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            var project = await GcloudProject.DescribeAsync(
                gcloud.Configured(CredentialFiles.None, variables), Path.GetFullPath(gcloud.Folder), time, gcloud.Program, cancellationToken);
            return new FileContent(Document(project), null, true);
        }
        catch (TokenSourceException exception)
        {
            return new FileContent(null, exception.Message, true);
        }
    }

    /// <summary>Begins to ask again.</summary>
    /// <param name="known">What was answered first.</param>
    /// <param name="logger">Takes what goes wrong in the handler.</param>
    /// <param name="changed">Called with each new content, one after the other.</param>
    public void Follow(FileContent known, ILogger logger, Action<FileContent> changed)
    {
        _timer = time.CreateTimer(_ => Hint(), null, Interval, Interval);
        _loop = Task.Run(() => LoopAsync(known, new ContentHandler(Source, changed, logger)));
        _watched = new(() => gcloud.Files, _files.Find, time, logger, (_, _) => Hint());
    }

    /// <summary>Stops asking; no call to the handler is under way when it has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        if (_watched is not null)
        {
            await _watched.DisposeAsync();
        }

        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _loop;
        _stop.Dispose();
    }

    private void Hint() => _hints.Writer.TryWrite(true);

    private async Task LoopAsync(FileContent last, ContentHandler changed)
    {
        try
        {
            await foreach (var _ in _hints.Reader.ReadAllAsync(_stop.Token))
            {
                var next = await ReadAsync(_stop.Token);
                if (!next.IsSameAs(last))
                {
                    changed.Tell(next);
                }

                last = next;
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private byte[] Document(GcloudProject project)
    {
        var document = machine is null ? [] : JsonNode.Parse(machine)!.AsObject();
        document["project"] = new JsonObject
        {
            ["projectId"] = project.Id,
            ["numericProjectId"] = project.Number,
            ["attributes"] = new JsonObject(project.Attributes.Select(item => KeyValuePair.Create(item.Key, (JsonNode?)item.Value))),
        };

        // The accounts of a machine that does not exist are not in a project that does; credentials bring their own.
        (document["instance"] as JsonObject)?.Remove("serviceAccounts");
        return System.Text.Encoding.UTF8.GetBytes(document.ToJsonString());
    }
}
