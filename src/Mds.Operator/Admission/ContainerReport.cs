using System.Text.Json.Nodes;

namespace Mds.Operator.Admission;

/// <summary>What injection means for one container.</summary>
/// <param name="Name">The container's name.</param>
/// <param name="Injected">Variables that have the emulator's value.</param>
/// <param name="Kept">Variables that the user set to something else, and which stay that way.</param>
/// <param name="Skipped">Why the container was left alone; null when it was not.</param>
internal sealed record ContainerReport(
    string Name, IReadOnlyList<string> Injected, IReadOnlyList<string> Kept, AdmissionReason? Skipped = null)
{
    /// <summary>One element of <c>containers</c> in the status annotation.</summary>
    public JsonObject ToJson()
    {
        var status = new JsonObject { ["name"] = Name };
        if (Skipped is not null)
        {
            status["skipped"] = Skipped.Name;
            return status;
        }

        status["injected"] = new JsonArray([.. Injected]);
        if (Kept.Count > 0)
        {
            status["kept"] = new JsonArray([.. Kept]);
        }

        return status;
    }
}
