using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Admission;

/// <summary>
/// What the pod looks like once the patch is applied. It is read off the pod and never off an earlier report, so that
/// running the injector again says the same.
/// </summary>
/// <param name="Emulator">The emulator, as <c>namespace/name</c>.</param>
/// <param name="Endpoint">The value of the host variables.</param>
/// <param name="Containers">Every init container, then every container, in the pod's order.</param>
/// <param name="HostAliases">The pod's hosts file; null when the emulator does not ask for it.</param>
internal sealed record InjectionReport(
    string Emulator, string Endpoint, IReadOnlyList<ContainerReport> Containers, HostAliasReport? HostAliases)
{
    /// <summary>The value of the annotation <see cref="WellKnown.StatusAnnotation"/>.</summary>
    public string ToJson()
    {
        var status = new JsonObject
        {
            ["emulator"] = Emulator,
            ["endpoint"] = Endpoint,
            ["containers"] = new JsonArray([.. Containers.Select(container => container.ToJson())]),
        };
        if (HostAliases is not null)
        {
            status["hostAliases"] = HostAliases.ToJson();
        }

        return status.ToJsonString();
    }
}
