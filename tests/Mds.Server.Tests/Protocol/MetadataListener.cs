using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Mds.Credentials;
using Mds.Metadata;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using ICredentials = Mds.Credentials.ICredentials;

namespace Mds.Server.Tests.Protocol;

/// <summary>The endpoint behind a real Kestrel socket, asked byte for byte.</summary>
internal sealed class MetadataListener : IAsyncDisposable
{
    public const string V1 = "/computeMetadata/v1/";

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly WebApplication _app;

    private readonly Channel<RequestOutcome> _outcomes;

    private MetadataListener(WebApplication app, MetadataStore store, Channel<RequestOutcome> outcomes, int port) =>
        (_app, Store, _outcomes, Port) = (app, store, outcomes, port);

    public MetadataStore Store { get; }

    public int Port { get; }

    public static async Task<MetadataListener> StartAsync(string claims, ICredentials? credentials = null, TimeProvider? time = null)
    {
        var store = new MetadataStore(Tree(claims));
        var endpoint = new MetadataEndpoint(store, credentials ?? CredentialSet.Empty, time ?? TimeProvider.System);
        var outcomes = Channel.CreateUnbounded<RequestOutcome>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        app.Run(async context => await outcomes.Writer.WriteAsync(await endpoint.HandleAsync(context)));
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new MetadataListener(app, store, outcomes, new Uri(address).Port);
    }

    public static MetadataTree Tree(string claims) =>
        MetadataTree.Build(Claims.Parse(Encoding.UTF8.GetBytes(claims), "claims.json"));

    /// <summary>What the endpoint said of the next request; it does so after the response is out.</summary>
    public async Task<RequestOutcome> OutcomeAsync()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        return await _outcomes.Reader.ReadAsync(deadline.Token);
    }

    /// <summary>GET with the header that is required.</summary>
    public Task<RawResponse> GetAsync(string target, params string[] headers) =>
        SendAsync("GET", target, ["Metadata-Flavor: Google", .. headers]);

    /// <summary>Sends one request exactly as given and reads one response.</summary>
    public async Task<RawResponse> SendAsync(string method, string target, params string[] headers)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port, deadline.Token);
        var lines = new[] { $"{method} {target} HTTP/1.1", $"Host: localhost:{Port}" }.Concat(headers);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(string.Join("\r\n", lines) + "\r\n\r\n"), deadline.Token);

        var received = new StringBuilder();
        var buffer = new byte[4096];
        int end;
        while ((end = received.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            received.Append(await ReadAsync(stream, buffer, deadline.Token));
        }

        var head = received.ToString(0, end).Split("\r\n");
        var fields = head.Skip(1).Select(line => line.Split(": ", 2)).Select(f => KeyValuePair.Create(f[0], f.ElementAtOrDefault(1) ?? "")).ToList();
        Assert.DoesNotContain(fields, field => field.Key.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase));
        var length = int.Parse(fields.Single(field => field.Key.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)).Value);
        var expected = end + 4 + (method == "HEAD" ? 0 : length);
        while (received.Length < expected)
        {
            received.Append(await ReadAsync(stream, buffer, deadline.Token));
        }

        Assert.Equal(expected, received.Length);
        return new RawResponse(head[0], fields, received.ToString(end + 4, expected - end - 4));
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private static async Task<string> ReadAsync(NetworkStream stream, byte[] buffer, CancellationToken cancellationToken)
    {
        var count = await stream.ReadAsync(buffer, cancellationToken);
        Assert.True(count > 0, "The server closed the connection in the middle of a response.");
        return Encoding.Latin1.GetString(buffer, 0, count);
    }
}
