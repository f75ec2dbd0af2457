namespace Mds.Metadata;

/// <summary>
/// The metadata.json of kelseyhightower/container-instance-metadata-server: snake_case project keys and a bare region,
/// from which that emulator makes the zone.
/// </summary>
internal static class CloudRunDocument
{
    /// <summary>Whether a document, as read, is of this form.</summary>
    public static bool Is(ClaimValue document) =>
        document.Find("project") is { } project
        && (project.Find("project_id") ?? project.Find("numeric_project_id")) is not null;

    /// <summary>Adds the zone, and gives the region the form the real server has.</summary>
    public static ClaimValue Complete(ClaimValue v1) =>
        v1.Find("project")!.Find("numericProjectId") is not null && v1.Find("instance")!.Find("region") is not null
            ? CloudRunInstance.WithRegion(v1)
            : v1;
}
