using Mds.Kubernetes;

namespace Mds.Operator.Api;

/// <summary>The names of the custom resource.</summary>
internal static class MetadataEmulator
{
    /// <summary>The API group.</summary>
    public const string Group = "mds.dev";

    /// <summary>The one version, served and stored.</summary>
    public const string Version = "v1alpha1";

    /// <summary>The resource as the API server addresses it.</summary>
    public static readonly ResourceType Type = new(Group, Version, "metadataemulators", "MetadataEmulator");

    /// <summary>
    /// The longest name an emulator may have: its Service is called <c>mds-NAME</c>, and a Service's name is a DNS label of
    /// at most 63 characters.
    /// </summary>
    public const int MaxNameLength = 63 - 4;

    /// <summary>What a name looks like: a DNS label. Custom resources may have dots in their names, Services may not.</summary>
    public const string NamePattern = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>What the name of a ConfigMap, a Secret or an emulator looks like: a DNS subdomain.</summary>
    public const string ObjectNamePattern = @"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$";

    /// <summary>The longest such name.</summary>
    public const int MaxObjectNameLength = 253;

    /// <summary>The most accounts one emulator has credentials for.</summary>
    public const int MaxCredentials = 32;

    /// <summary>The most namespaces one emulator is exported to.</summary>
    public const int MaxNamespaces = 256;

    /// <summary>The most server pods of one emulator.</summary>
    public const int MaxReplicas = 100;
}
