namespace Mds.Kubernetes;

/// <summary>One kind of object in the Kubernetes API, as addresses and manifests name it.</summary>
/// <param name="Group">The API group; empty for the core group.</param>
/// <param name="Version">The version within the group, such as <c>v1</c>.</param>
/// <param name="Plural">The name used in paths, such as <c>deployments</c>.</param>
/// <param name="Kind">The name used in manifests, such as <c>Deployment</c>.</param>
/// <param name="Namespaced">Whether its objects live in namespaces.</param>
public sealed record ResourceType(string Group, string Version, string Plural, string Kind, bool Namespaced = true)
{
    /// <summary>The <c>apiVersion</c> field of its manifests: <c>group/version</c>, or the version alone for the core group.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";
}
