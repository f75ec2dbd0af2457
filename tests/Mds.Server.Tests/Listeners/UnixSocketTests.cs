using System.Net;
using System.Net.Sockets;
using System.Text;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Listeners;

public sealed class UnixSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string SocketPath => _folder.File("mds.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Get_OnTheSocketAlone_IsAnsweredAndThereIsNoPort()
    {
        await using var server = await StartAsync(new MetadataListeners(null, new UnixSocketSettings(SocketPath)));

        var listener = Assert.Single(server.Server.MetadataListeners);
        Assert.Equal((0, true, $"unix:{SocketPath}"), (listener.Port, listener.IsOfThisMachine, listener.Url));
        Assert.Equal((HttpStatusCode.OK, "mds-sample"), await GetAsync("/computeMetadata/v1/project/project-id"));
        Assert.Equal((HttpStatusCode.NotFound, ""), await GetAsync("/healthz", body: false));
    }

    // A body, which none of them needs, takes a request off the fast lane.
    [Theory]
    [InlineData("computeMetadata/v1/project/project-id", "Metadata-Flavor: Google", 200)]
    [InlineData("computeMetadata/v1/instance/?recursive=true", "Metadata-Flavor: Google", 200)]
    [InlineData("computeMetadata/v1/instance?alt=json", "Metadata-Flavor: Google", 301)]
    [InlineData("computeMetadata/v1/instance?alt=json", "Metadata-Flavor: Google\r\nContent-Length: 0", 301)]
    [InlineData("computeMetadata/v1/project/project-id", "Accept: */*", 403)]
    [InlineData("computeMetadata/v1/instance/nothing", "Metadata-Flavor: Google", 404)]
    [InlineData("computeMetadata/v1/instance/nothing", "Metadata-Flavor: Google\r\nContent-Length: 0", 404)]
    public async Task Get_OnEveryListenerAtOnce_IsTheSame(string path, string header, int status)
    {
        var request = $"GET /{path} HTTP/1.1\r\nHost: metadata.google.internal\r\n{header}\r\n\r\n";
        var authority = TestAuthority.Root("both");
        var (certificate, key) = authority.Issue("server", isServer: true);
        var tls = new TlsSettings(_folder.Write("crt", certificate), _folder.Write("key", key), _folder.Write("root", authority.Pem));
        await using var server = await StartAsync(new MetadataListeners(
            ListenerSettings.DefaultMetadata,
            new UnixSocketSettings(SocketPath),
            ListenerSettings.DefaultMetadata with { Port = 0, Tls = tls }));
        Assert.Equal(["http", "https", "unix"], server.Server.MetadataListeners.Select(listener => listener.Url.Split(':')[0]));

        var onPort = await SendAsync(server.Server.Metadata.EndPoint, request);
        var onSocket = await SendAsync(new UnixDomainSocketEndPoint(SocketPath), request);
        await using var client = await TlsClient.ConnectAsync(
            server.Server.MetadataListeners.ElementAt(1).Port, authority, authority.Issue("client", isServer: false));
        var overTls = await client.SendAsync(request);

        Assert.Equal(status, onPort.Status);
        Assert.Equal(Shown(onPort), Shown(onSocket));
        Assert.Equal(Shown(onPort).Replace("Location: http://", "Location: https://", StringComparison.Ordinal), Shown(overTls));
        if (status == 301)
        {
            Assert.Equal("https://metadata.google.internal/computeMetadata/v1/instance/?alt=json", overTls.Single("Location"));
        }
    }

    [Fact]
    public async Task Stop_TheSocketsFile_IsGone()
    {
        await using var server = await StartAsync(new MetadataListeners(null, new UnixSocketSettings(SocketPath)));
        Assert.True(File.Exists(SocketPath));

        await server.Server.StopAsync();

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task Start_FileOfADeadServer_IsReplaced()
    {
        LeaveBehind(SocketPath);
        Assert.True(File.Exists(SocketPath));

        await using var server = await StartAsync(new MetadataListeners(null, new UnixSocketSettings(SocketPath)));

        Assert.Equal((HttpStatusCode.OK, "mds-sample"), await GetAsync("/computeMetadata/v1/project/project-id"));
    }

    [Fact]
    public async Task Bind_SocketOfALivingServer_IsASentenceAndLeavesItAlone()
    {
        await using var server = await StartAsync(new MetadataListeners(null, new UnixSocketSettings(SocketPath)));

        Assert.Equal(
            $"The Unix socket {SocketPath} (-domainsocket) is in use by another process. Stop that one, or choose another path.",
            Sentence(SocketPath));
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/computeMetadata/v1/project/project-id")).Status);
    }

    [Fact]
    public void Bind_PathThatCannotBe_IsASentence()
    {
        _folder.Write("plain", "somebody's file");
        var longest = _folder.File(new string('a', 107 - _folder.Path.Length - 1));
        using (BoundListener.Bind(ListenerKind.Metadata, new UnixSocketSettings(longest)))
        {
            Assert.True(File.Exists(longest));
        }

        Assert.Equal(
            $"{_folder.File("plain")} (-domainsocket) is no socket, and is not replaced. Remove it, or choose another path.",
            Sentence(_folder.File("plain")));
        Assert.Equal("somebody's file", File.ReadAllText(_folder.File("plain")));
        Assert.Equal(
            $"{_folder.Path} (-domainsocket) is no socket, and is not replaced. Remove it, or choose another path.", Sentence(_folder.Path));
        Assert.Equal(
            "The directory /nowhere for the Unix socket (-domainsocket) does not exist. Make it, or choose another path.", Sentence("/nowhere/s"));
        Assert.Equal(
            $"The path of the Unix socket (-domainsocket) has 108 bytes and the system takes at most 107: {longest}a. Choose a shorter one.",
            Sentence(longest + "a"));
    }

    [Theory]
    [InlineData(UnixSocketSettings.DefaultMode)]
    [InlineData(UnixSocketSettings.DefaultMode | UnixFileMode.GroupRead | UnixFileMode.GroupWrite)]
    public void Bind_Mode_IsThatOfTheFile(UnixFileMode mode)
    {
        using var listener = BoundListener.Bind(ListenerKind.Metadata, new UnixSocketSettings(SocketPath, mode));

        Assert.Equal(mode, new FileInfo(SocketPath).UnixFileMode);
    }

    private static string Sentence(string path) => Assert.Throws<ListenException>(
        () => BoundListener.Bind(ListenerKind.Metadata, new UnixSocketSettings(path))).Message;

    // Closing a socket removes the file that it was bound to; under another name it stays, as after a kill.
    private static void LeaveBehind(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path + "~"));
        socket.Listen();
        File.Move(path + "~", path);
    }

    private static Task<StartedServer> StartAsync(MetadataListeners listeners) =>
        StartedServer.StartAsync(new ServerSettings { Metadata = listeners });

    private static async Task<RawResponse> SendAsync(EndPoint listener, string request)
    {
        var protocol = listener.AddressFamily == AddressFamily.Unix ? ProtocolType.Unspecified : ProtocolType.Tcp;
        using var socket = new Socket(listener.AddressFamily, SocketType.Stream, protocol);
        await socket.ConnectAsync(listener, TestContext.Current.CancellationToken);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        return await RawResponse.ReadAsync(stream, TestContext.Current.CancellationToken);
    }

    // The whole answer but for the second in which it was made.
    private static string Shown(RawResponse answer) => string.Join('\n',
        [answer.StatusLine, .. answer.Headers.Select(header => $"{header.Key}: {(header.Key == "Date" ? "" : header.Value)}"), "", answer.Body]);

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path, bool body = true)
    {
        using var client = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(SocketPath), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        using var answer = await client.GetAsync($"http://metadata.google.internal{path}", TestContext.Current.CancellationToken);
        return (answer.StatusCode, body ? await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken) : "");
    }
}
