namespace Mds.Kubernetes;

/// <summary>The resource types of the Kubernetes API that more than one part of an operator names.</summary>
public static class KubeResources
{
    /// <summary><c>v1 Namespace</c>.</summary>
    public static ResourceType Namespaces { get; } = new("", "v1", "namespaces", "Namespace", Namespaced: false);

    /// <summary><c>v1 Node</c>.</summary>
    public static ResourceType Nodes { get; } = new("", "v1", "nodes", "Node", Namespaced: false);

    /// <summary><c>v1 Pod</c>.</summary>
    public static ResourceType Pods { get; } = new("", "v1", "pods", "Pod");

    /// <summary><c>v1 Service</c>.</summary>
    public static ResourceType Services { get; } = new("", "v1", "services", "Service");

    /// <summary><c>v1 ConfigMap</c>.</summary>
    public static ResourceType ConfigMaps { get; } = new("", "v1", "configmaps", "ConfigMap");

    /// <summary><c>v1 Secret</c>.</summary>
    public static ResourceType Secrets { get; } = new("", "v1", "secrets", "Secret");

    /// <summary><c>v1 ServiceAccount</c>.</summary>
    public static ResourceType ServiceAccounts { get; } = new("", "v1", "serviceaccounts", "ServiceAccount");

    /// <summary><c>v1 Event</c>.</summary>
    public static ResourceType Events { get; } = new("", "v1", "events", "Event");

    /// <summary><c>apps/v1 Deployment</c>.</summary>
    public static ResourceType Deployments { get; } = new("apps", "v1", "deployments", "Deployment");

    /// <summary><c>networking.k8s.io/v1 NetworkPolicy</c>.</summary>
    public static ResourceType NetworkPolicies { get; } =
        new("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy");

    /// <summary><c>discovery.k8s.io/v1 EndpointSlice</c>, served from Kubernetes 1.21.</summary>
    public static ResourceType EndpointSlices { get; } =
        new("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice");

    /// <summary><c>discovery.k8s.io/v1beta1 EndpointSlice</c>, all that Kubernetes 1.20 serves; gone from 1.25.</summary>
    public static ResourceType EndpointSlicesV1Beta1 { get; } =
        new("discovery.k8s.io", "v1beta1", "endpointslices", "EndpointSlice");

    /// <summary><c>policy/v1 PodDisruptionBudget</c>, served from Kubernetes 1.21.</summary>
    public static ResourceType PodDisruptionBudgets { get; } =
        new("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget");

    /// <summary><c>policy/v1beta1 PodDisruptionBudget</c>, all that Kubernetes 1.20 serves; gone from 1.25.</summary>
    public static ResourceType PodDisruptionBudgetsV1Beta1 { get; } =
        new("policy", "v1beta1", "poddisruptionbudgets", "PodDisruptionBudget");

    /// <summary><c>coordination.k8s.io/v1 Lease</c>.</summary>
    public static ResourceType Leases { get; } = new("coordination.k8s.io", "v1", "leases", "Lease");

    /// <summary><c>admissionregistration.k8s.io/v1 MutatingWebhookConfiguration</c>.</summary>
    public static ResourceType MutatingWebhookConfigurations { get; } = new(
        "admissionregistration.k8s.io", "v1", "mutatingwebhookconfigurations", "MutatingWebhookConfiguration", Namespaced: false);

    /// <summary><c>apiextensions.k8s.io/v1 CustomResourceDefinition</c>.</summary>
    public static ResourceType CustomResourceDefinitions { get; } = new(
        "apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", Namespaced: false);
}
