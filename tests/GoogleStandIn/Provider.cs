using System.Text.Json.Nodes;

namespace StandIns;

/// <summary>A provider of a workload identity pool: whose tokens Google takes.</summary>
/// <param name="Name">Its full name, <c>projects/…/providers/…</c>.</param>
/// <param name="KeySet">The key set of its issuer, asked for with each token; <see langword="null"/> for AWS.</param>
/// <param name="Issuer">What the tokens' <c>iss</c> has to be; <see langword="null"/> for anything.</param>
public sealed record Provider(string Name, Func<Task<JsonObject>>? KeySet, string? Issuer = null)
{
    /// <summary>The audiences that its tokens may have: by default those that Google takes when none are set.</summary>
    public IReadOnlyCollection<string> Audiences { get; init; } =
        [$"https://iam.googleapis.com/{Name}", $"//iam.googleapis.com/{Name}"];

    /// <summary>The identities on AWS that it knows.</summary>
    public IReadOnlyCollection<AwsIdentity> AwsIdentities { get; init; } = [];

    /// <summary>What a subject of its pool is called in IAM.</summary>
    public string PrincipalOf(string subject) =>
        $"principal://iam.googleapis.com/{Name[..Name.IndexOf("/providers/", StringComparison.Ordinal)]}/subject/{subject}";
}
