using System.Text;

namespace Mds.Conformance.Tests;

/// <summary>Every path of a machine that has every documented directory, over the wire.</summary>
public sealed class WholeTreeTests(WholeTreeTests.Server server) : IClassFixture<WholeTreeTests.Server>
{
    [Fact]
    public async Task Get_EveryPathInEveryForm_IsWhatTheTreeHolds()
    {
        await using var connection = await RawConnection.OpenAsync(server.Host);
        foreach (var node in GoldenNode.All)
        {
            foreach (var (query, expected) in node.Renderings)
            {
                var answer = await GetAsync(connection, node.Path + query);
                if (expected is not var (type, body))
                {
                    Assert.Equal((node.Path + query, IsUnset(node) ? 412 : 400), (node.Path + query, answer.Status));
                    continue;
                }

                Assert.Equal((node.Path + query, 200, type), (node.Path + query, answer.Status, answer.Single("Content-Type")));
                Assert.Equal(body, Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(answer.Body)));
                Assert.Equal(node.Path != "/", answer.Has("ETag"));
            }
        }
    }

    [Fact]
    public async Task Get_EveryLeafAndRecursiveDirectory_CanBeWaitedFor()
    {
        await using var connection = await RawConnection.OpenAsync(server.Host);
        foreach (var node in GoldenNode.All.Where(node => !IsUnset(node)))
        {
            var (plain, recursive) = node.Kind == "Directory" ? (400, 200) : node.Kind == "Leaf" ? (200, 200) : (400, 400);
            if (node.Path == "/")
            {
                recursive = 400;
            }

            Assert.Equal((node.Path, plain), (node.Path, (await WaitAsync(node.Path + "?")).Status));
            var waited = await WaitAsync(node.Path + "?recursive=true&");
            Assert.Equal((node.Path, recursive), (node.Path, waited.Status));
            if (recursive == 200)
            {
                var again = await WaitAsync($"{node.Path}?recursive=true&last_etag={waited.Single("ETag")}&");
                Assert.Equal((node.Path, waited.Single("ETag"), waited.Body), (node.Path, again.Single("ETag"), again.Body));
            }
        }

        // No time to wait: what is asked here is whether it may be waited for at all.
        Task<RawResponse> WaitAsync(string target) => GetAsync(connection, $"{target}wait_for_change=true&timeout_sec=0");
    }

    [Fact]
    public async Task Head_EveryPath_HasTheHeadersOfGet()
    {
        await using var connection = await RawConnection.OpenAsync(server.Host);
        foreach (var node in GoldenNode.All.Where(node => node.Kind is "Directory" or "Leaf"))
        {
            var get = await GetAsync(connection, node.Path);
            var head = await GetAsync(connection, node.Path, "HEAD");

            Assert.Equal((get.Status, ""), (head.Status, head.Body));
            Assert.Equal(get.Headers.Where(header => header.Key != "Date"), head.Headers.Where(header => header.Key != "Date"));
        }
    }

    private Task<RawResponse> GetAsync(RawConnection connection, string target, string method = "GET") => connection.SendAsync(
        $"{method} {target} HTTP/1.1\r\nHost: {server.Host}\r\nMetadata-Flavor: Google\r\n\r\n", hasBody: method != "HEAD");

    // Certificates that were never configured: a leaf that has no form at all.
    private static bool IsUnset(GoldenNode node) => node.Kind == "Leaf" && node.Renderings.Values.All(rendering => rendering is null);

    /// <summary>A server of that machine.</summary>
    public sealed class Server : IAsyncLifetime
    {
        private readonly string _home = Directory.CreateTempSubdirectory("mds-tree-").FullName;
        private MdsServer? _server;

        /// <summary>Its <c>address:port</c>.</summary>
        public string Host => _server!.Variables["GCE_METADATA_HOST"];

        public async ValueTask InitializeAsync() =>
            _server = await MdsServer.StartAsync(_home, [], ["-configFile", GoldenNode.Claims, "-port", ":0"]);

        public async ValueTask DisposeAsync()
        {
            if (_server is not null)
            {
                await _server.DisposeAsync();
            }

            Directory.Delete(_home, recursive: true);
        }
    }
}
