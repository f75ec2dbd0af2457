namespace Mds.Metadata;

/// <summary>What every Cloud Run instance says of itself, made of what the claims say of a machine.</summary>
internal static class CloudRunInstance
{
    /// <summary>Adds the region, the zone and the id where the claims have none.</summary>
    /// <param name="v1">The claims.</param>
    /// <param name="instanceId">The id that the instance has unless the claims name one.</param>
    public static ClaimValue Complete(ClaimValue v1, string instanceId)
    {
        var instance = v1.Find("instance")!;
        return WithRegion(instance.Find("id") is { Text.Length: > 0 }
            ? v1
            : v1.With("instance", instance.With("id", ClaimValue.String(instanceId))));
    }

    /// <summary>
    /// Makes the region of the zone and the zone of the region: <c>projects/NUM/regions/REGION</c>, and zones that end in a
    /// number (container contract; listing of 2026-08).
    /// </summary>
    /// <param name="v1">The claims.</param>
    public static ClaimValue WithRegion(ClaimValue v1)
    {
        var instance = v1.Find("instance")!;
        var zone = instance.Find("zone")?.Text;
        var region = instance.Find("region")?.Text ?? RegionOf(zone);
        var project = v1.Find("project")!.Find("numericProjectId")?.Text;
        if (region is null || project is null)
        {
            return v1;
        }

        var name = region[(region.LastIndexOf('/') + 1)..];
        if (!region.Contains('/', StringComparison.Ordinal))
        {
            instance = instance.With("region", ClaimValue.String($"projects/{project}/regions/{name}"));
        }

        return v1.With("instance", zone is null
            ? instance.With("zone", ClaimValue.String($"projects/{project}/zones/{name}-1"))
            : instance);
    }

    private static string? RegionOf(string? zone)
    {
        if (zone is null)
        {
            return null;
        }

        var name = zone[(zone.LastIndexOf('/') + 1)..];
        return name.LastIndexOf('-') is > 0 and var dash ? name[..dash] : name;
    }
}
