using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Prometheus;
using Mds.Server;
using Mds.Server.FastLane;
using Mds.Server.Protocol;
using Mds.Server.Telemetry;

namespace Mds.Benchmarks;

/// <summary>
/// What the fast lane does for a request: reads its bytes, finds the answer, counts it, keeps it in the list of the latest,
/// and writes the answer's bytes. What is missing is the socket.
/// </summary>
[MemoryDiagnoser]
public class AnswerBenchmarks
{
    private const string V1 = "/computeMetadata/v1/";

    private static readonly Dictionary<string, string> Targets = new()
    {
        ["leaf"] = V1 + "project/project-id",
        ["leaf as JSON"] = V1 + "project/project-id?alt=json",
        ["listing"] = V1 + "instance/",
        ["recursive account"] = V1 + "instance/service-accounts/default/?recursive=true",
        ["whole tree"] = V1 + "?recursive=true",
        ["whole tree as text"] = V1 + "?recursive=true&alt=text",
        ["cached token"] = V1 + "instance/service-accounts/default/token",
    };

    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly char[] _characters = new char[RequestHead.MostCharacters];
    private ReadOnlySequence<byte> _request;
    private MetadataHandler _handler = null!;
    private ResponseHead _head = null!;
    private PrometheusExporter _exporter = null!;

    /// <summary>What is asked for.</summary>
    [ParamsSource(nameof(Works))]
    public string Work { get; set; } = "";

    /// <summary>What can be asked for.</summary>
    public IEnumerable<string> Works => Targets.Keys;

    /// <summary>Makes a server without a socket. It waits itself: in-process, nobody waits for a task.</summary>
    [GlobalSetup]
    public void SetUp()
    {
        using var claims = typeof(AnswerBenchmarks).Assembly.GetManifestResourceStream("claims.json")!;
        var document = new MemoryStream();
        claims.CopyTo(document);
        var time = TimeProvider.System;
        var store = new MetadataStore(MetadataTree.Build(Claims.Parse(document.ToArray(), "claims.json")), time);
        // The first who asks for it has it made, and is not answered on the fast lane.
        store.Current.Find("/computeMetadata/v1/")!.Render(recursive: true, MetadataAlt.Text);
        var cache = new TokenCache("default", new FixedSource(), time);
        cache.PrefetchAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (cache.State.Health != TokenCacheHealth.Valid)
        {
            throw new InvalidOperationException($"There is no token to serve: {cache.State.Message}");
        }

        var metrics = new ServerMetrics(ServerVersion.Text, () => null, time);
        _exporter = new PrometheusExporter(meter => meter == metrics.Meter);
        _handler = new MetadataHandler(
            new MetadataEndpoint(store, new GuestAttributes(store), new CredentialSet([cache]), AllowedHosts.Any, Flavor.ComputeEngine, time),
            Flavor.ComputeEngine,
            metrics,
            new RecentRequests(time));
        _head = new ResponseHead(Flavor.ComputeEngine.Headers, time);
        _request = new(Encoding.ASCII.GetBytes(
            $"GET {Targets[Work]} HTTP/1.1\r\nHost: metadata.google.internal\r\nUser-Agent: gcloud-golang/0.1\r\n"
            + "Accept-Encoding: gzip\r\nMetadata-Flavor: Google\r\n\r\n"));
    }

    /// <summary>One request and its answer.</summary>
    [Benchmark]
    public int Answer()
    {
        if (!RequestHead.TryRead(_request, _characters, "http", out var request, out _) || !_handler.TryAnswer(request, out var answer))
        {
            throw new InvalidOperationException("The fast lane does not answer this.");
        }

        _output.ResetWrittenCount();
        _head.Write(_output, answer, closes: false);
        _output.Write(answer.Body.Span);
        return _output.WrittenCount;
    }

    /// <summary>Stops counting.</summary>
    [GlobalCleanup]
    public void CleanUp() => _exporter.Dispose();

    private sealed class FixedSource : ITokenSource
    {
        public Task<AccessToken> GetAccessTokenAsync(IReadOnlyList<string> scopes, CancellationToken cancellationToken) =>
            Task.FromResult(new AccessToken(new string('x', 1024), DateTimeOffset.UtcNow.AddHours(12)));

        public Task<IdentityToken> GetIdentityTokenAsync(IdentityTokenRequest request, CancellationToken cancellationToken) =>
            throw new NotSupportedException();

        public TokenSourceDescription Describe() => new("bench", null);
    }
}
