using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mds.Server.Tests.Telemetry;

/// <summary>A collector that takes OTLP over HTTP and remembers what it got, with as much of Protocol Buffers as that needs.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, string> _metrics = new();
    private readonly ConcurrentDictionary<string, string> _resource = new();
    private readonly ConcurrentQueue<string> _logs = new();

    private OtlpReceiver()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        _app = builder.Build();
        _app.Urls.Add("http://127.0.0.1:0");
        _app.MapPost("/v1/metrics", async context => Metrics(await BodyAsync(context)));
        _app.MapPost("/v1/logs", async context => Logs(await BodyAsync(context)));
    }

    public string Url => _app.Urls.First();

    /// <summary>The metrics by name, with their units.</summary>
    public IReadOnlyDictionary<string, string> ByName => _metrics;

    /// <summary>The attributes of the resource that has the metrics.</summary>
    public IReadOnlyDictionary<string, string> Resource => _resource;

    /// <summary>The bodies of log records.</summary>
    public IReadOnlyCollection<string> LogLines => _logs;

    public static async Task<OtlpReceiver> StartAsync()
    {
        var receiver = new OtlpReceiver();
        await receiver._app.StartAsync(TestContext.Current.CancellationToken);
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    // ExportMetricsServiceRequest.resource_metrics = 1; ResourceMetrics.resource = 1, .scope_metrics = 2;
    // ScopeMetrics.metrics = 2; Metric.name = 1, .unit = 3; Resource.attributes = 1; KeyValue.key = 1, .value = 2;
    // AnyValue.string_value = 1.
    private void Metrics(byte[] request)
    {
        foreach (var resourceMetrics in Messages(request, 1))
        {
            foreach (var attribute in Messages(resourceMetrics, 1).SelectMany(resource => Messages(resource, 1)))
            {
                _resource[Text(attribute, 1)] = Messages(attribute, 2).Select(value => Text(value, 1)).FirstOrDefault() ?? "";
            }

            foreach (var metric in Messages(resourceMetrics, 2).SelectMany(scope => Messages(scope, 2)))
            {
                _metrics[Text(metric, 1)] = Text(metric, 3);
            }
        }
    }

    // ExportLogsServiceRequest.resource_logs = 1; ResourceLogs.scope_logs = 2; ScopeLogs.log_records = 2; LogRecord.body = 5.
    private void Logs(byte[] request)
    {
        foreach (var record in Messages(request, 1).SelectMany(logs => Messages(logs, 2)).SelectMany(scope => Messages(scope, 2)))
        {
            _logs.Enqueue(Messages(record, 5).Select(body => Text(body, 1)).FirstOrDefault() ?? "");
        }
    }

    private static async Task<byte[]> BodyAsync(HttpContext context)
    {
        Assert.Equal("application/x-protobuf", context.Request.ContentType);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    private static string Text(byte[] message, int field) =>
        Messages(message, field).Select(Encoding.UTF8.GetString).FirstOrDefault() ?? "";

    /// <summary>The length-delimited fields of a message that have a number.</summary>
    private static List<byte[]> Messages(byte[] message, int field)
    {
        var found = new List<byte[]>();
        for (var position = 0; position < message.Length;)
        {
            var tag = Varint(message, ref position);
            switch (tag & 7)
            {
                case 0:
                    Varint(message, ref position);
                    break;
                case 1:
                    position += 8;
                    break;
                case 2:
                    var length = (int)Varint(message, ref position);
                    if ((int)(tag >> 3) == field)
                    {
                        found.Add(message[position..(position + length)]);
                    }

                    position += length;
                    break;
                case 5:
                    position += 4;
                    break;
                default:
                    throw new InvalidDataException($"The wire type {tag & 7} is none.");
            }
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int position)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[position++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
