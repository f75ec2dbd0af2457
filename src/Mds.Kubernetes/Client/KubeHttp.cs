using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes;

/// <summary>Makes the HTTP connection pool to one API server.</summary>
internal static class KubeHttp
{
    /// <summary>Makes the handler.</summary>
    /// <param name="config">Where to and whom to trust.</param>
    /// <param name="clientCertificate">The client certificate to present on a new connection.</param>
    public static SocketsHttpHandler CreateHandler(KubeConfig config, Func<X509Certificate2?> clientCertificate)
    {
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.GZip,
            ConnectTimeout = TimeSpan.FromSeconds(10),
            ConnectCallback = ConnectAsync,
            EnableMultipleHttp2Connections = true,
            // A peer that vanished sends no FIN; only unanswered pings show it. By default after 30 + 15 s, as client-go.
            KeepAlivePingDelay = config.PingInterval,
            KeepAlivePingTimeout = config.PingInterval / 2,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(90),
            UseCookies = false,
        };
        if (config.Proxy is not null)
        {
            handler.Proxy = new WebProxy(config.Proxy);
        }

        var tls = handler.SslOptions;
        tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => clientCertificate()!;
        if (config.InsecureSkipTlsVerify)
        {
#pragma warning disable CA5359 // This is what the user asked for by insecure-skip-tls-verify.
            tls.RemoteCertificateValidationCallback = (_, _, _, _) => true;
#pragma warning restore CA5359
        }
        else if (config.CertificateAuthorities is { } authorities)
        {
            var trust = new ServerTrust(authorities);
            tls.CertificateChainPolicy = trust.CreatePolicy();
            tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Verify(certificate, chain, errors);
        }

        return handler;
    }

    // TCP keep-alive does for HTTP/1.1 (an API server behind a proxy) what pings do for HTTP/2.
    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 5);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
            await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
