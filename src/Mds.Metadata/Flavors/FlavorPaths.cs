namespace Mds.Metadata;

/// <summary>
/// Which keys the servers have that are not Compute Engine's: theirs are short lists, and everything else in the claims is
/// not served.
/// </summary>
internal static class FlavorPaths
{
    private const string DefaultUniverse = "googleapis.com";

    // Container contract, and a listing of 2026-08.
    private static readonly string[] CloudRun =
        ["instance/id", "instance/region", "instance/serviceAccounts", "instance/zone", "project/numericProjectId", "project/projectId"];

    // Docs: Workload Identity; its v1/ lists instance/ and project/ (observed).
    private static readonly string[] Kubernetes =
    [
        "instance/attributes/cluster-location",
        "instance/attributes/cluster-name",
        "instance/attributes/cluster-uid",
        "instance/hostname",
        "instance/id",
        "instance/name",
        "instance/serviceAccounts",
        "instance/zone",
        "project/numericProjectId",
        "project/projectId",
    ];

    /// <summary>What a flavor serves of the claims.</summary>
    /// <param name="v1">The claims.</param>
    /// <param name="flavor">The flavor.</param>
    public static ClaimValue Of(ClaimValue v1, MetadataFlavor flavor)
    {
        if (flavor == MetadataFlavor.GCE)
        {
            return v1;
        }

        var kept = Keep(v1, "", flavor == MetadataFlavor.CloudRun ? CloudRun : Kubernetes);
        // Every client takes a 404 for the default; another universe has to be told somewhere.
        return v1.Find("universe") is { } universe && universe.Find("universe-domain")?.Text is not (null or DefaultUniverse)
            ? kept.With("universe", universe)
            : kept;
    }

    private static ClaimValue Keep(ClaimValue value, string path, string[] paths) => ClaimValue.Object(
    [
        .. from member in value.Members
           let below = path + member.Name
           where paths.Contains(below) || Array.Exists(paths, kept => kept.StartsWith(below + "/", StringComparison.Ordinal))
           select paths.Contains(below) ? member : member with { Value = Keep(member.Value, below + "/", paths) },
    ]);
}
