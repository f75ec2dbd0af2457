using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mds.Kubernetes;

/// <summary>
/// Records <c>v1 Event</c>s about objects, in the background and as well as it can: an event is never worth failing or
/// waiting for. The same event again raises the count of the first one; an object that produces too many is cut short.
/// </summary>
public sealed partial class EventRecorder : IAsyncDisposable
{
    private const int MaxAttempts = 4;

    /// <summary>How many different events are remembered to be counted; then it starts afresh.</summary>
    private const int MaxRemembered = 4096;

    private static readonly Backoff Pause = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));

    private readonly KubeClient _client;
    private readonly string _component;
    private readonly string _instance;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly EventAllowance _allowance;
    private readonly Channel<Occurrence> _queue = Channel.CreateBounded<Occurrence>(1000);
    private readonly Dictionary<(string Uid, EventType Type, string Reason, string Message), Recorded> _recorded = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _writing;

    /// <summary>Creates the recorder; it runs until disposed of.</summary>
    /// <param name="client">The API client.</param>
    /// <param name="component">Who reports, such as <c>mds-operator</c>.</param>
    /// <param name="instance">Which of its replicas, such as the pod's name.</param>
    /// <param name="logger">Where failures are told.</param>
    /// <param name="time">The clock; null is the system's.</param>
    public EventRecorder(
        KubeClient client, string component, string instance, ILogger<EventRecorder>? logger = null, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _component = component;
        _instance = instance;
        _logger = logger ?? NullLogger<EventRecorder>.Instance;
        _time = time ?? TimeProvider.System;
        _allowance = new EventAllowance(_time);
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Records that something happened as it should.</summary>
    /// <param name="regarding">The object it happened to, with <c>apiVersion</c>, <c>kind</c> and metadata.</param>
    /// <param name="reason">Why, in one CamelCase word for machines.</param>
    /// <param name="message">A sentence for people.</param>
    public void Normal(JsonObject regarding, string reason, string message) =>
        Record(regarding, EventType.Normal, reason, message);

    /// <summary>Records that something needs attention.</summary>
    /// <param name="regarding">The object it happened to, with <c>apiVersion</c>, <c>kind</c> and metadata.</param>
    /// <param name="reason">Why, in one CamelCase word for machines.</param>
    /// <param name="message">A sentence for people.</param>
    public void Warning(JsonObject regarding, string reason, string message) =>
        Record(regarding, EventType.Warning, reason, message);

    /// <summary>Records an event.</summary>
    /// <param name="regarding">The object it is about, with <c>apiVersion</c>, <c>kind</c> and metadata.</param>
    /// <param name="type">Whether it needs attention.</param>
    /// <param name="reason">Why, in one CamelCase word for machines.</param>
    /// <param name="message">A sentence for people; cut after 1024 bytes.</param>
    public void Record(JsonObject regarding, EventType type, string reason, string message)
    {
        var reference = Reference(regarding);
        var name = KubeJson.TextOf(reference["name"]) ?? "";
        var occurrence = new Occurrence(reference, name, type, reason, Cut(message, 1024), _time.GetUtcNow());
        if (!_allowance.Take(KubeJson.UidOf(regarding)) || !_queue.Writer.TryWrite(occurrence))
        {
            Log.Dropped(_logger, reason, name);
        }
    }

    /// <summary>Records what is still waiting, for at most five seconds, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            _ending.CancelAfter(TimeSpan.FromSeconds(5));
            await _writing;
            _ending.Dispose();
        }
    }

    private static JsonObject Reference(JsonObject regarding)
    {
        ArgumentNullException.ThrowIfNull(regarding);
        var reference = new JsonObject();
        Add("apiVersion", KubeJson.TextOf(regarding["apiVersion"]));
        Add("kind", KubeJson.TextOf(regarding["kind"]));
        Add("namespace", KubeJson.NamespaceOf(regarding));
        Add("name", KubeJson.NameOf(regarding));
        Add("uid", KubeJson.UidOf(regarding));
        Add("resourceVersion", KubeJson.ResourceVersionOf(regarding));
        return reference;

        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                reference[key] = value;
            }
        }
    }

    private static string Cut(string message, int bytes)
    {
        if (Encoding.UTF8.GetByteCount(message) <= bytes)
        {
            return message;
        }

        var kept = new StringBuilder();
        var left = bytes - Encoding.UTF8.GetByteCount("…");
        foreach (var rune in message.EnumerateRunes())
        {
            left -= rune.Utf8SequenceLength;
            if (left < 0)
            {
                break;
            }

            kept.Append(rune.ToString());
        }

        return kept.Append('…').ToString();
    }

    private async Task WriteAsync()
    {
        await foreach (var occurrence in _queue.Reader.ReadAllAsync())
        {
            await WriteAsync(occurrence);
        }
    }

    private async Task WriteAsync(Occurrence occurrence)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteOnceAsync(occurrence, _ending.Token);
                return;
            }
            catch (HttpRequestException e) when (e is KubeApiException { Code: < 500 } || attempt == MaxAttempts)
            {
                Log.Failed(_logger, occurrence.Reason, occurrence.Name, e.Message);
                return;
            }
            catch (OperationCanceledException e)
            {
                Log.Failed(_logger, occurrence.Reason, occurrence.Name, e.Message);
                return;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(Pause.After(attempt), _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WriteOnceAsync(Occurrence occurrence, CancellationToken cancellationToken)
    {
        var ns = KubeJson.TextOf(occurrence.Regarding["namespace"]) ?? "default";
        var key = (KubeJson.TextOf(occurrence.Regarding["uid"]) ?? "", occurrence.Type, occurrence.Reason, occurrence.Message);
        var time = occurrence.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        if (_recorded.TryGetValue(key, out var recorded))
        {
            try
            {
                var patch = new JsonObject { ["count"] = recorded.Count + 1, ["lastTimestamp"] = time };
                await _client.PatchAsync(KubeResources.Events, ns, recorded.Name, patch, cancellationToken: cancellationToken);
                _recorded[key] = recorded with { Count = recorded.Count + 1 };
                return;
            }
            catch (KubeApiException e) when (e.IsNotFound)
            {
                // Events expire, after an hour as a rule: this one begins anew.
                _recorded.Remove(key);
            }
        }

        // A name is at most 253 long, and has to differ from every other event of the object.
        var name = $"{(occurrence.Name.Length > 230 ? occurrence.Name[..230].TrimEnd('.', '-') : occurrence.Name)}.{Guid.NewGuid().ToString("N")[..16]}";
        await _client.CreateAsync(
            KubeResources.Events,
            new JsonObject
            {
                ["apiVersion"] = KubeResources.Events.ApiVersion,
                ["kind"] = KubeResources.Events.Kind,
                ["metadata"] = new JsonObject { ["namespace"] = ns, ["name"] = name },
                ["involvedObject"] = occurrence.Regarding.DeepClone(),
                ["type"] = occurrence.Type.ToString(),
                ["reason"] = occurrence.Reason,
                ["message"] = occurrence.Message,
                ["source"] = new JsonObject { ["component"] = _component },
                ["reportingComponent"] = _component,
                ["reportingInstance"] = _instance,
                ["firstTimestamp"] = time,
                ["lastTimestamp"] = time,
                ["count"] = 1,
            },
            cancellationToken: cancellationToken);
        if (_recorded.Count >= MaxRemembered)
        {
            _recorded.Clear();
        }

        _recorded[key] = new Recorded(name, 1);
    }

    private sealed record Occurrence(
        JsonObject Regarding, string Name, EventType Type, string Reason, string Message, DateTimeOffset Time);

    private sealed record Recorded(string Name, int Count);
}
