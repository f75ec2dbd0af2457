using System.Globalization;
using Mds.Credentials;
using Mds.Metadata;

namespace Mds.Server.Reload;

/// <summary>What the claims document says of the machine, in the words of an identity token.</summary>
internal static class MachineClaims
{
    /// <summary>Reads it out of the claims; what they do not hold stays unknown.</summary>
    /// <param name="claims">The claims.</param>
    public static ComputeEngineClaims Of(Claims claims) => new()
    {
        InstanceConfidentiality = Number(claims.FindText("instance", "confidentiality")),
        InstanceCreationTimestamp = Number(claims.FindText("instance", "creationTimestamp")),
        InstanceId = claims.FindText("instance", "id"),
        InstanceName = claims.FindText("instance", "name"),
        LicenseIds = [.. LicenseIds(claims)],
        ProjectId = claims.ProjectId,
        ProjectNumber = Number(claims.NumericProjectId),
        // The tree has projects/NUMBER/zones/ZONE, a token the last part alone.
        Zone = claims.FindText("instance", "zone")?.Split('/')[^1],
    };

    private static IEnumerable<string> LicenseIds(Claims claims)
    {
        for (var i = 0; claims.FindText("instance", "licenses", i.ToString(CultureInfo.InvariantCulture), "id") is { } id; i++)
        {
            yield return id;
        }
    }

    private static long? Number(string? digits) =>
        long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
