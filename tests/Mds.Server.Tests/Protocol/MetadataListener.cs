using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.FastLane;
using Mds.Server.Faults;
using Mds.Server.Listeners;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Logging.Abstractions;
using ICredentials = Mds.Credentials.ICredentials;

namespace Mds.Server.Tests.Protocol;

/// <summary>The endpoint behind the server's own listener, asked byte for byte.</summary>
internal sealed class MetadataListener : IAsyncDisposable, IRequestObserver
{
    public const string V1 = "/computeMetadata/v1/";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly BoundListener _listener;
    private readonly WebApplication _owner;
    private readonly IServer _server;
    private readonly Channel<RequestOutcome> _outcomes = Channel.CreateUnbounded<RequestOutcome>();

    private readonly ConcurrentBag<ErrorPage> _errors = [];
    private readonly MetadataHandler _handler;
    private int _requestsOnTheLane;

    private MetadataListener(MetadataStore store, ICredentials credentials, TimeProvider time, MetadataFlavor flavor, string[] allowedHosts)
    {
        Store = store;
        var endpoint = new MetadataEndpoint(
            store, new GuestAttributes(store, flavor), credentials, new AllowedHosts(allowedHosts), Flavor.Of(flavor), time)
        {
            HasClaims = () => HasClaims,
        };
        Faults = new FaultSet(time);
        _handler = new MetadataHandler(endpoint, Flavor.Of(flavor), this) { Faults = Faults };
        _listener = BoundListener.Bind(ListenerKind.Metadata, ListenerSettings.DefaultMetadata with { Port = 0 });
        (_owner, _server) = HttpServer.Build([_listener], NullLoggerFactory.Instance, new LaneMiddleware(_handler, time), new MalformedRequests(Flavor.Of(flavor)));
    }

    public MetadataStore Store { get; }

    public int Port => _listener.Port;

    /// <summary>What goes wrong on purpose.</summary>
    public FaultSet Faults { get; }

    /// <summary>Whether the server has something to serve already.</summary>
    public bool HasClaims { get; set; } = true;

    /// <summary>The errors that were answered so far.</summary>
    public IReadOnlyCollection<ErrorPage> Errors => [.. _errors];

    /// <summary>Whether requests may take the fast lane.</summary>
    public bool AllowsFastLane { get; set; } = true;

    public static Task<MetadataListener> StartAsync(
        string claims, ICredentials? credentials = null, TimeProvider? time = null, params string[] allowedHosts) =>
        StartAsync(MetadataFlavor.GCE, claims, credentials, time, allowedHosts);

    public static async Task<MetadataListener> StartAsync(
        MetadataFlavor flavor, string claims, ICredentials? credentials = null, TimeProvider? time = null, params string[] allowedHosts)
    {
        time ??= TimeProvider.System;
        var listener = new MetadataListener(
            new MetadataStore(Tree(claims, flavor), time), credentials ?? CredentialSet.Empty, time, flavor, allowedHosts);
        var application = new HttpApplication(
            listener._handler.HandleAsync,
            admin: _ => throw new InvalidOperationException("There is no admin listener here."),
            issuer: _ => throw new InvalidOperationException("There is no issuer listener here."));
        await listener._server.StartAsync(application, CancellationToken.None);
        return listener;
    }

    public static MetadataTree Tree(string claims, MetadataFlavor flavor = MetadataFlavor.GCE) =>
        MetadataTree.Build(Claims.Parse(Encoding.UTF8.GetBytes(claims), "claims.json"), flavor);

    /// <summary>How many requests took it.</summary>
    public int RequestsOnTheLane => Volatile.Read(ref _requestsOnTheLane);

    void IRequestObserver.Answered(in AnsweredRequest request)
    {
        if (request.Context is null)
        {
            Interlocked.Increment(ref _requestsOnTheLane);
        }

        if (request.Answer.Page is { } page)
        {
            _errors.Add(page);
        }

        _outcomes.Writer.TryWrite(request.Outcome);
    }

    /// <summary>What the endpoint said of the next request.</summary>
    public async Task<RequestOutcome> OutcomeAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await _outcomes.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>GET with the header that is required.</summary>
    public Task<RawResponse> GetAsync(string target, params string[] headers) =>
        SendAsync("GET", target, ["Metadata-Flavor: Google", .. headers]);

    /// <summary>PUT with the header that is required.</summary>
    public Task<RawResponse> PutAsync(string target, string body, params string[] headers) => SendAsync(
        "PUT", target, ["Metadata-Flavor: Google", $"Content-Length: {body.Length}", .. headers], body);

    /// <summary>Sends one request exactly as given and reads one response.</summary>
    public Task<RawResponse> SendAsync(string method, string target, params string[] headers) =>
        SendAsync(method, target, headers, "");

    /// <summary>Sends one request exactly as given, its body one byte for each character, and reads one response.</summary>
    public async Task<RawResponse> SendAsync(string method, string target, string[] headers, string body)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, deadline.Token);
        var host = headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)) ? [] : new[] { $"Host: localhost:{Port}" };
        var lines = host.Prepend($"{method} {target} HTTP/1.1").Concat(headers);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n" + body), deadline.Token);
        return await RawResponse.ReadAsync(stream, deadline.Token, hasBody: method != "HEAD");
    }

    public async ValueTask DisposeAsync()
    {
        Store.Dispose();
        await _server.StopAsync(CancellationToken.None);
        await _owner.DisposeAsync();
        _listener.Dispose();
    }
}
