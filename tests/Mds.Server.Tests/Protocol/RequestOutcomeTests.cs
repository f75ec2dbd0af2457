using Mds.Server.Protocol;
using static Mds.Server.Tests.Protocol.MetadataListener;

namespace Mds.Server.Tests.Protocol;

/// <summary>The words that metrics count requests by: few, whatever clients send and claims hold.</summary>
public sealed class RequestOutcomeTests
{
    [Theory]
    [InlineData("/", "/", null)]
    [InlineData(V1 + "instance/name?alt=json", V1 + "instance/name", null)]
    [InlineData(V1 + "instance", V1 + "instance/", null)]
    [InlineData(V1 + "instance/disks/1/mode", V1 + "instance/disks/{index}/mode", null)]
    [InlineData(V1 + "instance/attributes/cluster-name", V1 + "instance/attributes/{key}", null)]
    [InlineData(V1 + "instance/service-accounts/" + SampleServer.Email + "/token", V1 + "instance/service-accounts/{account}/token", null)]
    [InlineData(V1 + "instance/nokey", "other", null)]
    [InlineData("/anything/at/all", "other", null)]
    public async Task Handle_Request_NamesTheTemplateOfItsPath(string target, string path, string? refusal)
    {
        await using var listener = await StartAsync(SampleServer.Claims);

        await listener.GetAsync(target);

        Assert.Equal(new RequestOutcome(path, refusal), await listener.OutcomeAsync());
    }

    [Theory]
    [InlineData("GET", "flavor")]
    [InlineData("GET", "flavor", "Metadata-Flavor: x")]
    [InlineData("GET", "forwarded-for", "Metadata-Flavor: Google", "X-Forwarded-For: 1.2.3.4")]
    [InlineData("DELETE", "method", "Metadata-Flavor: Google")]
    public async Task Handle_RefusedRequest_NamesTheReason(string method, string reason, params string[] headers)
    {
        await using var listener = await StartAsync(SampleServer.Claims);

        await listener.SendAsync(method, V1 + "instance/name", headers);

        Assert.Equal(new RequestOutcome("other", reason), await listener.OutcomeAsync());
    }
}
