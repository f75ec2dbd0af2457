namespace Mds.Operator.Credentials;

/// <summary>A device of the node's, as the server's container is given it.</summary>
/// <param name="Path">Its path, on the node and in the container.</param>
/// <param name="Resource">
/// The extended resource by which a device plugin hands it out; null when the node's own is mounted, which takes a privileged
/// container: a container's devices are opened by its device cgroup, and Kubernetes lets only device plugins and
/// <c>privileged</c> widen that.
/// </param>
/// <param name="Group">The group that may open it, by number; null when everybody may.</param>
internal sealed record NodeDevice(string Path, string? Resource, long? Group);
