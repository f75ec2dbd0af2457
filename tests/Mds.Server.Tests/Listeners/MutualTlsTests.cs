using System.Net;
using System.Security.Authentication;
using System.Security.Cryptography;
using Mds.Server.Listeners;
using Mds.Server.Reload;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Listeners;

public sealed class MutualTlsTests : IDisposable
{
    private const string ProjectId = "/computeMetadata/v1/project/project-id";

    private readonly TemporaryFolder _folder = new();
    private readonly TestAuthority _servers = TestAuthority.Root("servers");
    private readonly TestAuthority _clients = TestAuthority.Root("clients");

    private TlsSettings Files => new(_folder.File("server.crt"), _folder.File("server.key"), _folder.File("clients.crt"));

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(SslProtocols.Tls12, true)]
    [InlineData(SslProtocols.Tls12, false)]
    [InlineData(SslProtocols.Tls13, true)]
    [InlineData(SslProtocols.Tls13, false)]
    public async Task Get_WithACertificateOfTheAuthority_IsAnsweredInBothVersions(SslProtocols version, bool isRsa)
    {
        Write(isRsa ? _servers.IssueRsa("server", isServer: true) : _servers.Issue("server", isServer: true));
        await using var server = await StartAsync();
        await using var client = await TlsClient.ConnectAsync(server.Server.Metadata.Port, _servers, _clients.Issue("client", isServer: false), version);

        Assert.Equal("HTTP/1.1 200 OK", await client.GetAsync(ProjectId));
        Assert.Equal("HTTP/1.1 200 OK", await client.GetAsync(ProjectId));
        Assert.Equal(version, client.Protocol);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task Get_WithoutACertificateThatLeadsToTheAuthority_IsRefused(SslProtocols version)
    {
        Write(_servers.Issue("server", isServer: true));
        await using var server = await StartAsync();
        var stranger = TestAuthority.Root("clients").Issue("client", isServer: false);
        var expired = _clients.Issue("client", isServer: false, fromDays: -3, toDays: -2);
        var early = _clients.Issue("client", isServer: false, fromDays: 1, toDays: 2);
        var forServers = _clients.Issue("client", isServer: true);

        Assert.False(await IsAnsweredAsync(server, null, version), "a client without a certificate");
        Assert.False(await IsAnsweredAsync(server, stranger, version), "a client of an authority of the same name");
        Assert.False(await IsAnsweredAsync(server, expired, version), "a client whose certificate expired");
        Assert.False(await IsAnsweredAsync(server, early, version), "a client whose certificate is not valid yet");
        Assert.False(await IsAnsweredAsync(server, forServers, version), "a client with a server's certificate");
        Assert.True(await IsAnsweredAsync(server, _clients.Issue("client", isServer: false), version), "a client of the authority");
    }

    [Fact]
    public async Task Get_ThroughAnAuthorityInBetween_IsAnsweredWhoeverKnowsIt()
    {
        var between = _clients.Intermediate("between");
        var (certificate, key) = between.Issue("client", isServer: false);
        Write(_servers.Issue("server", isServer: true));
        await using var server = await StartAsync();

        Assert.False(await IsAnsweredAsync(server, (certificate, key)));
        Assert.True(await IsAnsweredAsync(server, (certificate + between.Pem, key)));

        _folder.RenameOver("clients.crt", _clients.Pem + "\n" + between.Pem);

        await Eventually.TrueAsync(() => IsAnsweredAsync(server, (certificate, key)), "the server knows the authority in between");
    }

    [Fact]
    public async Task Get_ServerCertificateOfAnAuthorityInBetween_SendsTheChain()
    {
        var between = _servers.Intermediate("between");
        var (certificate, key) = between.Issue("server", isServer: true);
        Write((certificate + between.Pem, key));
        await using var server = await StartAsync();

        Assert.True(await IsAnsweredAsync(server, _clients.Issue("client", isServer: false)));
    }

    [Fact]
    public async Task Get_Plainly_IsNotAnswered()
    {
        Write(_servers.Issue("server", isServer: true));
        await using var server = await StartAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => server.GetAsync(ProjectId));
    }

    [Fact]
    public async Task Rotation_VolumeSwap_ServesTheNewCertificateAndKeepsOpenConnections()
    {
        var client = _clients.Issue("client", isServer: false);
        var (certificate, key) = _servers.Issue("first", isServer: true);
        _folder.WriteVolume(("server.crt", certificate), ("server.key", key), ("clients.crt", _clients.Pem));
        await using var server = await StartAsync();
        await using var open = await TlsClient.ConnectAsync(server.Server.Metadata.Port, _servers, client);
        Assert.Equal("CN=first", open.ServerSubject);

        (certificate, key) = _servers.Issue("second", isServer: true);
        var others = TestAuthority.Root("others");
        _folder.WriteVolume(("server.crt", certificate), ("server.key", key), ("clients.crt", others.Pem));

        await Eventually.TrueAsync(async () => (string)(await CertificateAsync(server))["subject"]! == "CN=second", "the new certificate is in use");
        Assert.Equal("HTTP/1.1 200 OK", await open.GetAsync(ProjectId));
        await using var next = await TlsClient.ConnectAsync(server.Server.Metadata.Port, _servers, others.Issue("client", isServer: false));
        Assert.Equal("CN=second", next.ServerSubject);
        Assert.Equal("HTTP/1.1 200 OK", await next.GetAsync(ProjectId));
        Assert.False(await IsAnsweredAsync(server, client), "a client of the authority from before");
    }

    [Fact]
    public async Task Rotation_KeyOfAnotherCertificate_KeepsTheLastGoodAndSaysSo()
    {
        Write(_servers.Issue("good", isServer: true));
        await using var server = await StartAsync();
        var client = _clients.Issue("client", isServer: false);

        _folder.RenameOver("server.key", _servers.Issue("other", isServer: true).Key);

        await Eventually.TrueAsync(async () => !(bool)(await CertificateAsync(server))["valid"]!, "the status says that something is wrong");
        var status = await CertificateAsync(server);
        Assert.Equal("CN=good", (string)status["subject"]!);
        Assert.Equal(
            $"The key in {Files.KeyFile} does not belong to the certificate in {Files.CertificateFile}, or is broken. "
            + "Give the RSA or EC key that the certificate was made with. The certificate loaded before stays in use until then.",
            (string)status["error"]!);
        Assert.Contains(server.Log.Errors, error => error.Contains(Files.KeyFile, StringComparison.Ordinal));
        Assert.Contains($"mds_certificate_valid{{file=\"{Files.CertificateFile}\"}} 0\n", await server.MetricsAsync());
        Assert.Contains("mds_reloads_total{file=\"certificate\",result=\"failure\"} 1\n", await server.MetricsAsync());
        Assert.True(await IsAnsweredAsync(server, client));

        Write(_servers.Issue("better", isServer: true));

        await Eventually.TrueAsync(async () => (bool)(await CertificateAsync(server))["valid"]!, "what was put right is in use");
        await using var next = await TlsClient.ConnectAsync(server.Server.Metadata.Port, _servers, client);
        Assert.Equal("CN=better", next.ServerSubject);
    }

    [Fact]
    public async Task Start_FilesMissing_IsASentenceOrWaitsForThem()
    {
        var exception = await Assert.ThrowsAsync<StartException>(() => StartAsync());
        Assert.Equal([$"The TLS listener cannot be opened. The file {Files.CertificateFile} does not exist."], exception.Errors);

        await using var server = await StartAsync(new ServerSettings { StartDegraded = true });
        Assert.False(await IsAnsweredAsync(server, _clients.Issue("client", isServer: false)));

        Write(_servers.Issue("server", isServer: true));

        await Eventually.TrueAsync(() => IsAnsweredAsync(server, _clients.Issue("client", isServer: false)), "the server uses the files that came");
    }

    [Fact]
    public void Load_FilesOfNoUse_SaysWhatIsWrongWithWhich()
    {
        var good = _servers.Issue("server", isServer: true);
        var expired = _servers.Issue("server", isServer: true, fromDays: -3, toDays: -2);
        var early = _servers.Issue("server", isServer: true, fromDays: 2, toDays: 3);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var encrypted = key.ExportEncryptedPkcs8PrivateKeyPem("passphrase", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1));

        Assert.Equal("CERT is to hold the server's certificate and is not PEM: it has no line -----BEGIN …-----.", Problem(("text", good.Key)));
        Assert.Equal("CERT is to hold the server's certificate, but holds PRIVATE KEY and no certificate.", Problem((good.Key, good.Key)));
        Assert.Equal("KEY is to hold the certificate's key, but holds CERTIFICATE and no private key.", Problem((good.Certificate, good.Certificate)));
        Assert.StartsWith("The key in KEY is encrypted with a passphrase", Problem((good.Certificate, encrypted)));
        Assert.StartsWith("The key in KEY does not belong to the certificate in CERT", Problem((good.Certificate, expired.Key)));
        Assert.StartsWith("The key in KEY does not belong", Problem((good.Certificate, _servers.IssueRsa("server", isServer: true).Key)));
        Assert.StartsWith("The certificate in CERT expired on 2", Problem(expired));
        Assert.StartsWith("The certificate in CERT is not valid before 2", Problem(early));
        Assert.StartsWith("A certificate in CERT is broken", Problem(("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", good.Key)));
        Assert.Equal("ROOT is to hold the root certificates of clients, but holds PRIVATE KEY and no certificate.", Problem(good, good.Key));
        Assert.Null(Problem(good));
    }

    private string? Problem((string Certificate, string Key) identity, string? authorities = null)
    {
        Write(identity, authorities);
        return new ListenerCertificate(Files, TimeProvider.System, new CapturedLog()).Problem?
            .Replace(Files.CertificateFile, "CERT").Replace(Files.KeyFile, "KEY").Replace(Files.ClientAuthoritiesFile!, "ROOT");
    }

    private void Write((string Certificate, string Key) identity, string? authorities = null)
    {
        _folder.RenameOver("server.key", identity.Key);
        _folder.RenameOver("server.crt", identity.Certificate);
        _folder.RenameOver("clients.crt", authorities ?? _clients.Pem);
    }

    private Task<StartedServer> StartAsync(ServerSettings? settings = null) => StartedServer.StartAsync((settings ?? new ServerSettings()) with
    {
        Metadata = new MetadataListeners(ListenerSettings.DefaultMetadata with { Tls = Files }),
    });

    private async Task<bool> IsAnsweredAsync(
        StartedServer server, (string Certificate, string Key)? identity, SslProtocols version = SslProtocols.Tls13)
    {
        try
        {
            await using var client = await TlsClient.ConnectAsync(server.Server.Metadata.Port, _servers, identity, version);
            return await client.GetAsync(ProjectId) == "HTTP/1.1 200 OK";
        }
        catch (Exception exception) when (exception is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static async Task<System.Text.Json.Nodes.JsonNode> CertificateAsync(StartedServer server) =>
        (await server.StatusAsync())["certificates"]![0]!;
}
