using System.Security.Cryptography;
using System.Text;

namespace Mds.Metadata;

/// <summary>
/// The metadata.json of kelseyhightower/container-instance-metadata-server: snake_case project keys and a bare region,
/// from which that emulator makes the zone and an id.
/// </summary>
internal static class CloudRunDocument
{
    /// <summary>Whether a document, as read, is of this form.</summary>
    public static bool Is(ClaimValue document) =>
        document.Find("project") is { } project
        && (project.Find("project_id") ?? project.Find("numeric_project_id")) is not null;

    /// <summary>Adds the zone and the id, and gives the region the form the real server has.</summary>
    public static ClaimValue Complete(ClaimValue v1)
    {
        var instance = v1.Find("instance")!;
        var project = v1.Find("project")!;
        var number = project.Find("numericProjectId")?.Text;
        var region = instance.Find("region")?.Text;
        if (number is not null && region is not null && !region.Contains('/', StringComparison.Ordinal))
        {
            // Cloud Run writes projects/NUM/regions/R and numbers its zones (container contract; listing of 2026).
            instance = instance.With("region", ClaimValue.String($"projects/{number}/regions/{region}"));
            if (instance.Find("zone") is null)
            {
                instance = instance.With("zone", ClaimValue.String($"projects/{number}/zones/{region}-1"));
            }
        }

        if (instance.Find("id") is not { Text.Length: > 0 })
        {
            // 128 hexadecimal digits as that emulator's, but the same after every reload.
            var seed = Encoding.UTF8.GetBytes($"{project.Find("projectId")?.Text}/{number}/{region}");
            instance = instance.With("id", ClaimValue.String(Convert.ToHexStringLower(SHA512.HashData(seed))));
        }

        return v1.With("instance", instance);
    }
}
