using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Tests.Cluster;

/// <summary>What deploy/install.yaml puts into a cluster, but for what needs a node: the CRD, the namespace, the rights.</summary>
internal static class Installation
{
    /// <summary>The operator's namespace.</summary>
    public const string Namespace = "mds-system";

    private static readonly ResourceType[] Types =
    [
        KubeResources.Namespaces,
        KubeResources.ServiceAccounts,
        Rbac("clusterroles", "ClusterRole", namespaced: false),
        Rbac("clusterrolebindings", "ClusterRoleBinding", namespaced: false),
        Rbac("roles", "Role", namespaced: true),
        Rbac("rolebindings", "RoleBinding", namespaced: true),
    ];

    /// <summary>Applies it and waits until emulators can be made.</summary>
    public static async Task ApplyAsync(KubeClient client, CancellationToken cancellationToken)
    {
        foreach (var manifest in YamlFile.Read("deploy/install.yaml"))
        {
            if (Array.Find(Types, type => type.ApiVersion == (string?)manifest["apiVersion"] && type.Kind == (string?)manifest["kind"]) is { } type)
            {
                await client.ApplyAsync(type, manifest, "tests", force: true, cancellationToken);
            }
        }

        await client.ApplyAsync(KubeResources.MutatingWebhookConfigurations, Webhook(), "tests", force: true, cancellationToken);
        // The API server of the tests is of 1.20, which has no rules of the Common Expression Language.
        await client.ApplyAsync(
            KubeResources.CustomResourceDefinitions, CustomResourceDefinition.Build(cel: false), "tests", force: true, cancellationToken);
        await Eventually.TrueAsync(
            () => client.HasResourceAsync(MetadataEmulator.Type, cancellationToken), "the CRD is served", cancellationToken);
    }

    // The operator is ready when it has put its bundle in; that it is called is shown elsewhere, so that no test is in
    // the way of another's pods.
    private static JsonObject Webhook() => JsonNode.Parse(
        """
        {"apiVersion": "admissionregistration.k8s.io/v1", "kind": "MutatingWebhookConfiguration", "metadata": {"name": "mds"},
         "webhooks": [{
           "name": "pods.mds.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
           "clientConfig": {"service": {"namespace": "mds-system", "name": "mds-webhook", "path": "/mutate-pods"}},
           "namespaceSelector": {"matchLabels": {"no-namespace": "has-this"}},
           "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"]}]}]}
        """)!.AsObject();

    private static ResourceType Rbac(string plural, string kind, bool namespaced) =>
        new("rbac.authorization.k8s.io", "v1", plural, kind, namespaced);
}
