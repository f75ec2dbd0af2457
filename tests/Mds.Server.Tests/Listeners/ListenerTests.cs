using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using Mds.Server.Tests.Robustness;

namespace Mds.Server.Tests.Listeners;

public sealed class ListenerTests
{
    [Fact]
    public void Bind_PortZero_TakesAFreeOne()
    {
        using var listener = BoundListener.Bind(ListenerKind.Metadata, ListenerSettings.DefaultMetadata with { Port = 0 });

        Assert.NotEqual(0, listener.Port);
        Assert.Equal($"127.0.0.1:{listener.Port}", listener.Authority);
        Assert.True(listener.IsOfThisMachine);
    }

    [Fact]
    public void Bind_PortInUse_IsASentenceThatNamesTheSwitch()
    {
        using var first = BoundListener.Bind(ListenerKind.Metadata, ListenerSettings.DefaultMetadata with { Port = 0 });
        var port = first.Port;

        var exception = Assert.Throws<ListenException>(
            () => BoundListener.Bind(ListenerKind.Admin, ListenerSettings.DefaultAdmin with { Port = port }));

        Assert.Equal(
            $"Port {port} of 127.0.0.1 is in use by another process. Stop that one, or choose another port with -metricsPort (-metricsPort 0 takes a free one).",
            exception.Message);
    }

    [Fact]
    public void Bind_AddressOfAnotherMachine_IsASentence()
    {
        var exception = Assert.Throws<ListenException>(() => BoundListener.Bind(
            ListenerKind.Metadata, ListenerSettings.DefaultMetadata with { Interface = IPAddress.Parse("192.0.2.1"), Port = 0 }));

        Assert.Equal(
            "192.0.2.1 is not an address of this machine. Give one that is with -interface, or * for every address.", exception.Message);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("*", "127.0.0.1", false)]
    [InlineData("*", "[::1]", false)]
    [InlineData("::1", "[::1]", true)]
    public async Task Get_OnTheAddressOfTheSwitch_IsAnsweredAndRedirectsThere(string given, string asked, bool isOfThisMachine)
    {
        Assert.SkipWhen(asked == "[::1]" && !HasIPv6(), "This machine has no address ::1. Switch IPv6 on for its loopback interface.");
        await using var server = await StartedServer.StartAsync(
            SettingsReader.Read(new Dictionary<string, string?> { ["interface"] = given }, new Dictionary<string, string>()));
        var listener = server.Server.Metadata;
        var url = $"http://{asked}:{listener.Port}/computeMetadata/v1/instance";
        using var client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false });
        client.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");

        using var answer = await client.GetAsync(url, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.MovedPermanently, url + "/"), (answer.StatusCode, answer.Headers.GetValues("Location").Single()));
        Assert.Equal("/computeMetadata/v1/instance/\n", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("mds-sample", await client.GetStringAsync(url.Replace("instance", "project/project-id", StringComparison.Ordinal), TestContext.Current.CancellationToken));
        Assert.Equal((isOfThisMachine, given == "*" ? "127.0.0.1" : asked), (listener.IsOfThisMachine, listener.Authority[..^$":{listener.Port}".Length]));
    }

    [Fact]
    public async Task AllowedHosts_Named_AreTheOnlyOnesThatMetadataAnswersAndNoMatterToTheAdminListener()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { AllowedHosts = ["metadata.google.internal"] });
        Assert.Equal(HttpStatusCode.Forbidden, (await server.GetAsync("/computeMetadata/v1/instance/name")).Status);

        server.Metadata.DefaultRequestHeaders.Host = "metadata.google.internal.";

        Assert.Equal(HttpStatusCode.OK, (await server.GetAsync("/computeMetadata/v1/instance/name")).Status);
        Assert.Contains("mds_refusals_total{reason=\"host\"} 1\n", await server.MetricsAsync());
    }

    [Fact]
    public async Task Listeners_OfEachKind_ServeTheirOwnOnly()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });

        foreach (var path in new[] { "/healthz", "/readyz", "/metrics", "/status", "/.well-known/openid-configuration", "/jwks" })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await server.GetAsync(path)).Status);
            using var answer = await server.Admin.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        foreach (var path in new[] { "/", "/healthz", "/metrics", "/status", "/computeMetadata/v1/project/project-id" })
        {
            using var answer = await server.Issuer.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var path in new[] { "/", "/computeMetadata/v1/project/project-id", "/computeMetadata/v1/instance/service-accounts/default/token" })
        {
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync(path)).Status);
            using var answer = await server.Admin.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    // The same connection, so that the context that is used again is seen to be clean.
    [Fact]
    public async Task Listener_OneConnection_AnswersOneRequestAfterTheOther()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        using var client = new TcpClient();
        await client.Client.ConnectAsync(server.Server.Metadata.EndPoint, TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();

        await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(
            "GET /computeMetadata/v1/project/project-id HTTP/1.1\r\nHost: a\r\nMetadata-Flavor: Google\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /computeMetadata/v1/project/project-id HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")), TestContext.Current.CancellationToken);
        var answers = await new StreamReader(stream).ReadToEndAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            ["HTTP/1.1 200 OK", "HTTP/1.1 200 OK", "HTTP/1.1 403 Forbidden"],
            answers.Split("\r\n").Select(line => line.Contains("HTTP/1.1 ") ? line[line.IndexOf("HTTP/1.1 ", StringComparison.Ordinal)..] : "").Where(line => line.Length > 0));
        Assert.DoesNotContain("Kestrel", answers);
    }

    [Theory]
    [InlineData(16 * 1024, 1000, "404 Not Found")]
    [InlineData(16 * 1024 + 1, 1000, "414 URI Too Long")]
    [InlineData(20_000, 1000, "414 URI Too Long")]
    [InlineData(100, 32 * 1024, "404 Not Found")]
    [InlineData(100, 32 * 1024 + 1, "431 Request Header Fields Too Large")]
    [InlineData(100, 40_000, "431 Request Header Fields Too Large")]
    public async Task Listener_TooLong_IsRefused(int line, int headers, string status)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        var request = Filled("GET /computeMetadata/v1/{0} HTTP/1.1\r\n", line)
            + Filled("Host: a\r\nMetadata-Flavor: Google\r\nConnection: close\r\nX-Long: {0}\r\n", headers) + "\r\n";

        // Reads until the server ends the connection.
        var answer = await RawExchange.SendAsync(server.Server.Metadata.EndPoint, Encoding.ASCII.GetBytes(request), Timeout.InfiniteTimeSpan);

        Assert.StartsWith($"HTTP/1.1 {status}\r\n", answer);
        Assert.Null(RawExchange.Fault(answer));
        Assert.Contains("\r\nMetadata-Flavor: Google\r\n", answer);
        Assert.Contains("\r\nServer: Metadata Server for VM\r\n", answer);
        Assert.Contains("\r\nContent-Type: text/html; charset=UTF-8\r\n", answer);
        Assert.Contains("\r\nConnection: close\r\n", answer);
        Assert.Contains($"<title>Error {status[..3]} ({status[4..]})!!1</title>", answer);
    }

    private static bool HasIPv6() => Socket.OSSupportsIPv6 && NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Any(unicast => unicast.Address.Equals(IPAddress.IPv6Loopback));

    private static string Filled(string format, int length) =>
        string.Format(format, new string('a', length - string.Format(format, "").Length));
}
