using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Tests.Hosting;
using StandIns;

namespace Mds.Server.Tests.Telemetry;

/// <summary>How many series there are, and what the metrics say that are read from the server's state.</summary>
public sealed class MetricSeriesTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_OfTenThousandAddresses_MakeNoNewSeries()
    {
        await using var server = await StartedServer.StartAsync(new ServerSettings { Credentials = [new LocalSettings("default")] });
        await AskAsync(server, 0, 100);
        var before = await SeriesAsync(server);

        await AskAsync(server, 100, 10_000);

        Assert.Equal(before, await SeriesAsync(server));
        Assert.Contains("""metadata_endpoint_path_requests{code="404",path="other"}""", before);
    }

    [Fact]
    public async Task Requests_ForKeysThatTheUserMadeUp_ShareTheirSeries()
    {
        using var folder = new TemporaryFolder();
        var attributes = string.Join(", ", Enumerable.Range(0, 500).Select(i => $"\"key-{i}\": \"v\""));
        var unforeseen = string.Join(", ", Enumerable.Range(0, 500).Select(i => $"\"madeUp{i}\": {{\"inner{i}\": \"v\"}}"));
        var file = folder.Write("claims.json", $$"""{"instance": {"attributes": { {{attributes}} }, {{unforeseen}} } }""");
        await using var server = await StartedServer.StartAsync(new ServerSettings { ConfigFile = file });

        for (var i = 0; i < 500; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/computeMetadata/v1/instance/attributes/key-{i}")).Status);
            Assert.Equal(HttpStatusCode.OK, (await server.GetAsync($"/computeMetadata/v1/instance/made-up{i}/inner{i}")).Status);
        }

        Assert.Equal(2, (await SeriesAsync(server)).Count(series => series.StartsWith("metadata_endpoint_path_requests{", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Metrics_OfAKeyFile_HaveItsFingerprintAsTheReferenceEmulatorWritesIt()
    {
        using var folder = new TemporaryFolder();
        var time = new ManualTime();
        await using var google = await GoogleStandIn.StartAsync(time: time);
        var key = google.MakeClient("app@p.iam.gserviceaccount.com");
        using var publicKey = RSA.Create();
        publicKey.ImportFromPem(key.PublicPem);
        await using var server = await StartedServer.StartAsync(
            new ServerSettings { Credentials = [new ServiceAccountKeySettings("default", folder.Write("key.json", key.Json))] }, time);
        await server.AccessTokenAsync();

        var metrics = await server.MetricsAsync();

        Assert.Contains($"service_account_hash{{fingerprint=\"{Convert.ToBase64String(SHA256.HashData(publicKey.ExportSubjectPublicKeyInfo()))}\"}} 1\n", metrics);
        Assert.Contains("credential_type{type=\"serviceAccountKey\"} 1\n", metrics);
        Assert.Contains($"service_account_name{{email=\"app@p.iam.gserviceaccount.com\"}} 1\n", metrics);
        var expiry = (time.GetUtcNow() + TimeSpan.FromSeconds(google.Behaviour.ExpiresIn)).ToUnixTimeSeconds();
        Assert.Contains($"mds_token_expiry_timestamp_seconds{{account=\"default\"}} {expiry}\n", metrics);
        Assert.Matches("mds_token_cache_age_seconds\\{account=\"default\"\\} [0-9.]+\n", metrics);
        Assert.Matches("mds_build_info\\{version=\"[0-9.]+\",revision=\"[^\"]+\",runtime=\"10[^\"]+\"\\} 1\n", metrics);
    }

    /// <summary>Asks for addresses that differ in every part of them that a client chooses.</summary>
    private static async Task AskAsync(StartedServer server, int from, int to)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(server.Metadata.BaseAddress!.Host, server.Metadata.BaseAddress.Port, Cancellation);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.Latin1);
        for (var i = from; i < to; i++)
        {
            var target = (i % 5) switch
            {
                0 => $"/{i}/nothing",
                1 => $"/computeMetadata/v1/instance/attributes/{i}",
                2 => $"/computeMetadata/v1/instance/name?x={i}",
                3 => $"/computeMetadata/v1/instance/service-accounts/{i}/token",
                _ => $"/computeMetadata/v1/instance/service-accounts/default/email?scopes={i}",
            };
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"GET {target} HTTP/1.1\r\nHost: h{i}.test\r\nMetadata-Flavor: Google\r\nUser-Agent: a/{i}\r\n\r\n"), Cancellation);
            var length = 0;
            while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 } line)
            {
                length = line.StartsWith("Content-Length: ", StringComparison.Ordinal) ? int.Parse(line[16..]) : length;
            }

            var body = new char[length];
            Assert.Equal(length, await reader.ReadBlockAsync(body, Cancellation));
        }
    }

    private static async Task<IReadOnlyList<string>> SeriesAsync(StartedServer server) =>
    [
        .. (await server.MetricsAsync()).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[..line.LastIndexOf(' ')])
            .Order(StringComparer.Ordinal),
    ];
}
