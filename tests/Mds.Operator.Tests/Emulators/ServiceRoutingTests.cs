using System.Text.Json.Nodes;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Emulators;

public sealed class ServiceRoutingTests
{
    [Fact]
    public void PodsOf_SlicesOfTheService_AreThoseThatAreReady()
    {
        JsonObject[] slices =
        [
            Slice("mds-lab", """[{"conditions": {"ready": true}, "targetRef": {"name": "a"}}, {"conditions": {"ready": false}, "targetRef": {"name": "b"}}]"""),
            Slice("mds-lab", """[{"conditions": {}, "targetRef": {"name": "c"}}, {"addresses": ["10.0.0.1"]}]"""),
            Slice("mds-lab", "null"),
            Slice("mds-other", """[{"conditions": {"ready": true}, "targetRef": {"name": "d"}}]"""),
        ];

        Assert.Equal(["a", "c"], ServiceRouting.PodsOf("mds-lab", slices).Order());
    }

    private static JsonObject Slice(string service, string endpoints) => new()
    {
        ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service } },
        ["endpoints"] = JsonNode.Parse(endpoints),
    };
}
