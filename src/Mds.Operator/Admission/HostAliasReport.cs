using System.Text.Json.Nodes;

namespace Mds.Operator.Admission;

/// <summary>What injection means for the pod's hosts file.</summary>
/// <param name="Injected">Host names that lead to the emulator.</param>
/// <param name="Kept">Host names that the user leads elsewhere, and which stay that way.</param>
internal sealed record HostAliasReport(IReadOnlyList<string> Injected, IReadOnlyList<string> Kept)
{
    /// <summary>The member <c>hostAliases</c> of the status annotation.</summary>
    public JsonObject ToJson()
    {
        var status = new JsonObject { ["injected"] = new JsonArray([.. Injected]) };
        if (Kept.Count > 0)
        {
            status["kept"] = new JsonArray([.. Kept]);
        }

        return status;
    }
}
