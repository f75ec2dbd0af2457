using System.Diagnostics;
using System.Net;
using Mds.Server.FastLane;
using Mds.Server.Protocol;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Mds.Server.Listeners;

/// <summary>
/// Kestrel on the bound listeners, with limits for callers one need not trust. Requests go straight to the application,
/// without middleware; most of those for metadata not even that far, but by the fast lane.
/// </summary>
internal static class HttpServer
{
    // A metadata request is a line and a few headers. The longest thing in them is an audience or a list of scopes.
    private const int LongestRequestLine = 16 * 1024;
    private const int LongestHeaders = 32 * 1024;
    private const int MostHeaders = 64;

    // Nothing in metadata takes a longer body: a guest attribute is at most 256 KiB.
    private const int LongestBody = 512 * 1024;

    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Builds the server; it is started by whoever owns it.</summary>
    /// <param name="listeners">Where it takes connections.</param>
    /// <param name="loggerFactory">Takes Kestrel's own log lines.</param>
    /// <param name="lane">The fast lane of the metadata listeners.</param>
    /// <param name="malformed">What becomes there of that which is no request.</param>
    /// <returns>The services, which own the server, and the server.</returns>
    public static (WebApplication Owner, IServer Server) Build(
        IReadOnlyList<BoundListener> listeners, ILoggerFactory loggerFactory, LaneMiddleware lane, MalformedRequests malformed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(loggerFactory);
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(options =>
        {
            options.CreateBoundListenSocket = endPoint => Bound(listeners, endPoint);
            // Kestrel's own steps follow each other without a detour over the thread pool's queue. They do not block, and what
            // does leaves the thread first.
            options.UnsafePreferInlineScheduling = true;
        });
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            options.Limits.MaxRequestLineSize = LongestRequestLine;
            options.Limits.MaxRequestHeadersTotalSize = LongestHeaders;
            options.Limits.MaxRequestHeaderCount = MostHeaders;
            options.Limits.MaxRequestBodySize = LongestBody;
            options.Limits.RequestHeadersTimeout = HeadersTimeout;
            foreach (var listener in listeners)
            {
                options.Listen(listener.EndPoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    if (listener.Certificate is { } certificate)
                    {
                        listen.UseHttps(new TlsHandshakeCallbackOptions
                        {
                            OnConnection = _ => ValueTask.FromResult(certificate.Options()),
                            HandshakeTimeout = HandshakeTimeout,
                        });
                    }

                    var feature = new ListenerFeature(listener.Kind);
                    listen.Use(next => connection =>
                    {
                        connection.Features.Set(feature);
                        return next(connection);
                    });
                    if (listener.Kind == ListenerKind.Metadata)
                    {
                        // Last, so that they stand below nothing but HTTP.
                        listen.Use(next => connection => lane.RunAsync(connection, options.Limits.KeepAliveTimeout, next));
                        listen.Use(next => connection => MalformedRequests.RunAsync(connection, next));
                    }
                });
            }
        });

        var owner = builder.Build();
        owner.Services.GetRequiredService<DiagnosticListener>().Subscribe(malformed, name => name == MalformedRequests.EventName);
        return (owner, owner.Services.GetRequiredService<IServer>());
    }

    private static System.Net.Sockets.Socket Bound(IReadOnlyList<BoundListener> listeners, EndPoint endPoint) =>
        listeners.FirstOrDefault(listener => listener.EndPoint.Equals(endPoint))?.Socket
        ?? SocketTransportOptions.CreateDefaultBoundListenSocket(endPoint);
}
