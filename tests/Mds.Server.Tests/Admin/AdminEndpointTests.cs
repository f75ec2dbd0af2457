using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mds.Server.CredentialKinds;
using Mds.Server.Listeners;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Admin;

public sealed partial class AdminEndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/healthz", "text/plain", "ok\n")]
    [InlineData("/readyz", "text/plain", "ok\n")]
    public async Task Get_Health_IsOk(string path, string type, string body)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        using var answer = await server.Admin.GetAsync(path, Cancellation);

        Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(body, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    [Fact]
    public async Task Get_UnknownPath_IsPlainNotFound()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        using var answer = await server.Admin.GetAsync("/nothing", Cancellation);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.StartsWith("Nothing is here.", await answer.Content.ReadAsStringAsync(Cancellation));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Post_AnyPath_IsNotAllowed()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        using var answer = await server.Admin.PostAsync("/healthz", new StringContent("x"), Cancellation);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Fact]
    public async Task Get_Status_IsTheDocumentThatTheOperatorReads()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        // The token is there a moment before its success is written down.
        await Eventually.TrueAsync(async () => (string?)(await server.CredentialStatusAsync())["state"] == "Valid", "the credential is valid");

        var status = (await server.StatusAsync()).AsObject();

        Assert.Equal(["version", "claims", "credentials"], status.Select(member => member.Key));
        Assert.Equal(["valid", "source", "hash", "error"], status["claims"]!.AsObject().Select(member => member.Key));
        var credential = Assert.Single(status["credentials"]!.AsArray())!.AsObject();
        Assert.Equal(
            ["account", "kind", "principal", "state", "fault", "message", "expiresAt"], credential.Select(member => member.Key));
        Assert.Equal(("default", "local", "Valid"), ((string?)credential["account"], (string?)credential["kind"], (string?)credential["state"]));
        Assert.Matches("^[0-9a-f]{64}$", (string)status["claims"]!["hash"]!);
        Assert.True((DateTimeOffset)credential["expiresAt"]! > DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task Get_Metrics_CountsByTemplateAndReason()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        await server.GetAsync("/computeMetadata/v1/instance/attributes/cluster-name");
        await server.GetAsync("/computeMetadata/v1/instance/attributes/cluster-location");
        await server.GetAsync("/computeMetadata/v1/made-up-by-a-stranger");
        using var bare = new HttpClient();
        using (await bare.GetAsync(new Uri(server.Metadata.BaseAddress!, "/computeMetadata/v1/instance/id"), Cancellation))
        {
        }

        // Counted when the answer is out, so a moment after the client has it.
        var metrics = "";
        await Eventually.TrueAsync(
            async () => (metrics = await server.MetricsAsync()).Contains("mds_refusals_total{reason=\"flavor\"} 1\n", StringComparison.Ordinal),
            "the last request is counted");

        Assert.Contains("metadata_endpoint_path_requests{code=\"200\",path=\"/computeMetadata/v1/instance/attributes/{key}\"} 2\n", metrics);
        Assert.Contains("metadata_endpoint_latency_seconds_count{path=\"/computeMetadata/v1/instance/attributes/{key}\"} 2\n", metrics);
        Assert.Contains("metadata_server_version{version=\"", metrics);
        Assert.Contains("credential_type{type=\"local\"} 1\n", metrics);
        Assert.DoesNotContain("stranger", metrics);
    }

    [Fact]
    public async Task Get_Metrics_EveryLineIsOfTheTextFormat()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        await server.AccessTokenAsync();

        using var answer = await server.Admin.GetAsync("/metrics", Cancellation);
        var text = await answer.Content.ReadAsStringAsync(Cancellation);

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.EndsWith("\n", text);
        var typed = new HashSet<string>();
        var samples = new HashSet<string>();
        foreach (var line in text.TrimEnd('\n').Split('\n'))
        {
            if (line.StartsWith('#'))
            {
                var match = CommentLine().Match(line);
                Assert.True(match.Success, line);
                Assert.True(match.Groups["word"].Value == "HELP" || typed.Add(match.Groups["name"].Value), line);
            }
            else
            {
                var match = SampleLine().Match(line);
                Assert.True(match.Success, line);
                Assert.Contains(typed, name => match.Groups["name"].Value.StartsWith(name, StringComparison.Ordinal));
                Assert.True(samples.Add(match.Groups["series"].Value), $"twice: {line}");
            }
        }
    }

    [Theory]
    [InlineData("/status")]
    [InlineData("/metrics")]
    [InlineData("/readyz")]
    [InlineData("/admin/v1/requests")]
    public async Task Get_OnLoopbackForAWebPage_IsRefused(string path)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());

        Assert.Equal(HttpStatusCode.OK, await AskAsync());
        Assert.Equal(HttpStatusCode.OK, await AskAsync(("Host", "localhost:9000")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(("Host", "[::1]")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(("Sec-Fetch-Site", "none")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(("Host", "rebound.test:9000")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(("Host", "127.0.0.1.rebound.test")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(("Origin", "http://page.test")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(("Sec-Fetch-Site", "cross-site")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(("Sec-Fetch-Site", "same-origin")));

        async Task<HttpStatusCode> AskAsync(params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using var answer = await server.Admin.SendAsync(request, Cancellation);
            return answer.StatusCode;
        }
    }

    // A load balancer's check in HTTP/1.0, which no browser speaks.
    [Theory]
    [InlineData("/status", "")]
    [InlineData("/healthz", "Host: host.docker.internal\r\n")]
    public async Task Get_OnLoopbackWithoutAHostOrForHealth_IsAnswered(string path, string host)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings());
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Admin.BaseAddress!.Port, Cancellation);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.0\r\n{host}\r\n"), Cancellation);
        using var reader = new StreamReader(stream);

        Assert.Equal("HTTP/1.1 200 OK", await reader.ReadLineAsync(Cancellation));
    }

    // In a cluster: kubelets ask by the pod's address, Prometheus may by a name, and browsers do not get there.
    [Theory]
    [InlineData("/status")]
    [InlineData("/metrics")]
    [InlineData("/healthz")]
    public async Task Get_OnEveryAddressByAName_IsAnswered(string path)
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings(), adminOn: ListenerSettings.DefaultAdmin with { Interface = null });
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = "mds-x.ns.svc:9000" } };

        using var answer = await server.Admin.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    // Whoever verifies tokens calls the issuer by the name that the tokens have.
    [Fact]
    public async Task Get_KeysOnLoopbackByTheIssuersName_AreAnswered()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default", "http://issuer.test:9000")] });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/jwks") { Headers = { Host = "issuer.test:9000" } };

        using var answer = await server.Admin.SendAsync(request, Cancellation);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task Stop_Lingering_SaysNotReadyAndGoesOnServing()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { ShutdownDelay = TimeSpan.FromMinutes(10) });

        var stopping = server.Server.StopAsync();

        using var ready = await server.Admin.GetAsync("/readyz", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("mds-sample", await server.ProjectIdAsync());
        Assert.False(stopping.IsCompleted);
    }

    private static JsonNode Part(string token, int index) =>
        JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[index]))!;

    [GeneratedRegex("""^# (?<word>HELP|TYPE) (?<name>[a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram|[A-Z].*)$""")]
    private static partial Regex CommentLine();

    [GeneratedRegex("""^(?<series>(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\["\\n])*",?)*\})?) (-?[0-9.]+(E[+-]?[0-9]+)?|\+Inf|-Inf|NaN)$""")]
    private static partial Regex SampleLine();
}
