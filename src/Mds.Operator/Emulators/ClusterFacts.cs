using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>
/// What the API server at hand knows. Server-side apply refuses fields the server has never heard of, so newer fields are
/// used only where they exist.
/// </summary>
/// <param name="HasPolicyV1">Whether it serves <c>policy/v1</c>, as all do from Kubernetes 1.21 on.</param>
/// <param name="HasUnhealthyPodEvictionPolicy">
/// Whether a PodDisruptionBudget can let go of pods that were never healthy (on by default from 1.27).
/// </param>
internal sealed record ClusterFacts(bool HasPolicyV1, bool HasUnhealthyPodEvictionPolicy)
{
    /// <summary>PodDisruptionBudgets as the server serves them: <c>policy/v1beta1</c> is gone from 1.25 on.</summary>
    public ResourceType PodDisruptionBudgets =>
        HasPolicyV1 ? KubeResources.PodDisruptionBudgets : KubeResources.PodDisruptionBudgetsV1Beta1;

    /// <summary>EndpointSlices as the server serves them: <c>v1</c> came with 1.21, as <c>policy/v1</c> did.</summary>
    public ResourceType EndpointSlices => HasPolicyV1 ? KubeResources.EndpointSlices : KubeResources.EndpointSlicesV1Beta1;

    /// <summary>Whether every namespace carries its name as a label, so that policies can name namespaces: from 1.21 too.</summary>
    public bool NamespacesAreLabelled => HasPolicyV1;

    /// <summary>Asks the server.</summary>
    public static async Task<ClusterFacts> AskAsync(KubeClient client, CancellationToken cancellationToken)
    {
        var version = await client.VersionAsync(cancellationToken);
        return new ClusterFacts(
            await client.HasResourceAsync(KubeResources.PodDisruptionBudgets, cancellationToken), version.IsAtLeast(1, 27));
    }
}
