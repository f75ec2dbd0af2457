namespace Mds.Kubernetes;

/// <summary>The version of an API server.</summary>
/// <param name="Major">The major version.</param>
/// <param name="Minor">The minor version, without the <c>+</c> some providers append.</param>
/// <param name="GitVersion">The full version, such as <c>v1.20.2</c>.</param>
public sealed record KubeVersion(int Major, int Minor, string GitVersion)
{
    /// <summary>Whether the server is of this version or a later one.</summary>
    /// <param name="major">The major version.</param>
    /// <param name="minor">The minor version.</param>
    public bool IsAtLeast(int major, int minor) => Major > major || (Major == major && Minor >= minor);
}
