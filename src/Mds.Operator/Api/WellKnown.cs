namespace Mds.Operator.Api;

/// <summary>Every label and annotation MDS reads or writes, and who does which.</summary>
internal static class WellKnown
{
    /// <summary>The name that owns fields in server-side apply, and the <c>managed-by</c> of everything made here.</summary>
    public const string FieldManager = "mds-operator";

    /// <summary>Label on a pod, set to <c>"true"</c> by its author: inject this pod. All the API server filters on.</summary>
    public const string InjectLabel = "mds.inject";

    /// <summary>Annotation on a pod, by its author: <c>name</c> or <c>namespace/name</c> of the emulator. As a label on what the operator makes: the emulator it is made for.</summary>
    public const string Emulator = "mds.dev/emulator";

    /// <summary>Annotation on a pod, by its author: names of containers to leave alone, separated by commas.</summary>
    public const string SkipContainersAnnotation = "mds.dev/skip-containers";

    /// <summary>Annotation on a pod, by the webhook: what was injected.</summary>
    public const string StatusAnnotation = "mds.dev/status";

    /// <summary>Annotation on the server's pod template, by the operator: rolls the pods when their settings change.</summary>
    public const string SettingsHashAnnotation = "mds.dev/settings-hash";

    /// <summary>Kubernetes' recommended label for the name of the application.</summary>
    public const string NameLabel = "app.kubernetes.io/name";

    /// <summary>Kubernetes' recommended label for one installation of the application.</summary>
    public const string InstanceLabel = "app.kubernetes.io/instance";

    /// <summary>Kubernetes' recommended label for the tool that manages the object.</summary>
    public const string ManagedByLabel = "app.kubernetes.io/managed-by";

    /// <summary>Kubernetes' recommended label for the whole the application is a part of.</summary>
    public const string PartOfLabel = "app.kubernetes.io/part-of";

    /// <summary>Label every namespace carries its own name in, set by the API server from Kubernetes 1.21 on.</summary>
    public const string NamespaceNameLabel = "kubernetes.io/metadata.name";

    /// <summary>What <see cref="NameLabel"/> says on the objects of an emulator.</summary>
    public const string ServerName = "mds-server";
}
