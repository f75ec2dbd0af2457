using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mds.Server.Tests.Hosting;

/// <summary>One TLS connection to a metadata listener, by a client that trusts one authority and has one certificate or none.</summary>
internal sealed class TlsClient : IAsyncDisposable
{
    private readonly TcpClient _tcp;
    private readonly SslStream _stream;

    private TlsClient(TcpClient tcp, SslStream stream) => (_tcp, _stream) = (tcp, stream);

    public SslProtocols Protocol => _stream.SslProtocol;

    public string ServerSubject => _stream.RemoteCertificate!.Subject;

    /// <param name="port">The listener's port.</param>
    /// <param name="serverAuthority">Whom the client trusts.</param>
    /// <param name="identity">The client's certificate and key in PEM; more certificates behind the first are sent along.</param>
    /// <param name="protocols">The versions it speaks.</param>
    public static async Task<TlsClient> ConnectAsync(
        int port, TestAuthority serverAuthority, (string Certificate, string Key)? identity, SslProtocols protocols = SslProtocols.Tls13)
    {
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, port, TestContext.Current.CancellationToken);
        var stream = new SslStream(tcp.GetStream());
        try
        {
            var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            trust.CustomTrustStore.Add(serverAuthority.Certificate);
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "metadata.google.internal",
                    EnabledSslProtocols = protocols,
                    CertificateChainPolicy = trust,
                    ClientCertificateContext = identity is { } pem ? Context(pem) : null,
                },
                TestContext.Current.CancellationToken);
            return new TlsClient(tcp, stream);
        }
        catch
        {
            await stream.DisposeAsync();
            tcp.Dispose();
            throw;
        }
    }

    /// <summary>Asks and reads the first line of the answer; <see langword="null"/> when the server hung up.</summary>
    /// <remarks>In TLS 1.3 a client learns only here that its certificate was refused.</remarks>
    public async Task<string?> GetAsync(string path)
    {
        try
        {
            return (await SendAsync($"GET {path} HTTP/1.1\r\nHost: metadata.google.internal\r\nMetadata-Flavor: Google\r\n\r\n")).StatusLine;
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>Sends one request exactly as given and reads one response.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        await _stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        return await RawResponse.ReadAsync(_stream, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    private static SslStreamCertificateContext Context((string Certificate, string Key) pem)
    {
        var all = new X509Certificate2Collection();
        all.ImportFromPem(pem.Certificate);
        return SslStreamCertificateContext.Create(X509Certificate2.CreateFromPem(pem.Certificate, pem.Key), all, offline: true);
    }
}
