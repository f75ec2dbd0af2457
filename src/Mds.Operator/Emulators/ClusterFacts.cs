using Mds.Kubernetes;

namespace Mds.Operator.Emulators;

/// <summary>
/// What the API server at hand knows. Server-side apply refuses fields the server has never heard of, so newer fields are
/// used only where they exist.
/// </summary>
/// <param name="Minor">The minor version: 20 of Kubernetes 1.20.</param>
internal sealed record ClusterFacts(int Minor)
{
    /// <summary>PodDisruptionBudgets are <c>policy/v1</c> from 1.21 on, and <c>v1beta1</c> is gone from 1.25 on.</summary>
    public ResourceType PodDisruptionBudgets =>
        Minor >= 21 ? KubeResources.PodDisruptionBudgets : KubeResources.PodDisruptionBudgetsV1Beta1;

    /// <summary>Whether every namespace carries its name as a label, so that policies can name namespaces (from 1.21).</summary>
    public bool NamespacesAreLabelled => Minor >= 21;

    /// <summary>Whether a PodDisruptionBudget can let go of pods that were never healthy (on by default from 1.27).</summary>
    public bool HasUnhealthyPodEvictionPolicy => Minor >= 27;
}
