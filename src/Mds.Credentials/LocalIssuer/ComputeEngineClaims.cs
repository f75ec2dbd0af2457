using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// What an identity token says of the machine it was made on: the claim <c>google.compute_engine</c> of
/// <c>format=full</c> (docs: verifying-instance-identity). What is not known is left out of the token.
/// </summary>
public sealed record ComputeEngineClaims
{
    /// <summary>Whether the machine is a Confidential VM: 1 or 0.</summary>
    public long? InstanceConfidentiality { get; init; }

    /// <summary>When the machine was made, in seconds of Unix time.</summary>
    public long? InstanceCreationTimestamp { get; init; }

    /// <summary>The machine's id, whose digits stand in quotes.</summary>
    public string? InstanceId { get; init; }

    /// <summary>The machine's name.</summary>
    public string? InstanceName { get; init; }

    /// <summary>The ids of its image's licences.</summary>
    public IReadOnlyList<string> LicenseIds { get; init; } = [];

    /// <summary>The project.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The project's number.</summary>
    public long? ProjectNumber { get; init; }

    /// <summary>The zone's short name.</summary>
    public string? Zone { get; init; }

    /// <summary>The claim, its members in the order of a real token (observed 2026-06).</summary>
    /// <param name="licenses">Whether the licences were asked for; without any, an empty list says so.</param>
    internal JsonObject ToJson(bool licenses)
    {
        var claim = new JsonObject();
        Add("instance_confidentiality", InstanceConfidentiality);
        Add("instance_creation_timestamp", InstanceCreationTimestamp);
        Add("instance_id", InstanceId);
        Add("instance_name", InstanceName);
        Add("license_id", licenses ? new JsonArray([.. LicenseIds.Select(static id => JsonValue.Create(id))]) : null);
        Add("project_id", ProjectId);
        Add("project_number", ProjectNumber);
        Add("zone", Zone);
        return claim;

        void Add(string name, JsonNode? value)
        {
            if (value is not null)
            {
                claim[name] = value;
            }
        }
    }
}
