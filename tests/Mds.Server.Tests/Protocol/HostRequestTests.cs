using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>The Host header, which clients fill in in many ways.</summary>
public sealed class HostRequestTests(HostRequestTests.Servers servers) : IClassFixture<HostRequestTests.Servers>
{
    [Theory]
    [InlineData("metadata.google.internal")]
    [InlineData("metadata.google.internal.")]
    [InlineData("METADATA.google.internal.:80")]
    [InlineData("169.254.169.254")]
    [InlineData("169.254.169.254:8080")]
    [InlineData("[fd20:ce::254]")]
    [InlineData("[FD20:CE:0::254]:80")]
    public async Task Get_HostThatIsNamed_IsAnswered(string host)
    {
        Assert.Equal("web-1", (await servers.Strict.GetAsync(V1 + "instance/name", $"Host: {host}")).Body);
        Assert.Equal(200, (await servers.Strict.SendAsync("GET", "/", $"Host: {host}")).Status);
    }

    [Theory]
    [InlineData("attacker.example")]
    [InlineData("attacker.example:80")]
    [InlineData("metadata.google.internal.attacker.example")]
    [InlineData("xmetadata.google.internal")]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]:80")]
    [InlineData("")]
    public async Task Get_AnyHost_IsAnsweredUnlessSomeAreNamed(string host)
    {
        Assert.Equal("web-1", (await servers.Open.GetAsync(V1 + "instance/name", $"Host: {host}")).Body);

        foreach (var path in new[] { V1 + "instance/name", V1 + "instance", "/" })
        {
            var response = await servers.Strict.GetAsync(path, $"Host: {host}");
            Assert.Equal("HTTP/1.1 403 Forbidden", response.StatusLine);
            Assert.Contains("allowedHosts", response.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Handle_OtherHost_NamesTheReason()
    {
        await using var listener = await StartAsync(SampleServer.Claims, allowedHosts: "metadata");

        await listener.GetAsync(V1 + "instance/name");

        Assert.Equal(new("other", "host"), await listener.OutcomeAsync());
    }

    public sealed class Servers : IAsyncLifetime
    {
        internal MetadataListener Open { get; private set; } = null!;

        internal MetadataListener Strict { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            Open = await StartAsync(SampleServer.Claims);
            Strict = await StartAsync(SampleServer.Claims, null, null, "metadata.google.internal", "169.254.169.254", "fd20:ce::254");
        }

        public async ValueTask DisposeAsync()
        {
            await Open.DisposeAsync();
            await Strict.DisposeAsync();
        }
    }
}
