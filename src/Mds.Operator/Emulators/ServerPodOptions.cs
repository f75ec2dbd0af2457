using System.Collections.Immutable;

namespace Mds.Operator.Emulators;

/// <summary>What the operator was told about the pods it makes.</summary>
/// <param name="Image">The server's image.</param>
/// <param name="ImagePullPolicy">When the node pulls it; null for Kubernetes' own rule.</param>
/// <param name="ImagePullSecrets">Secrets for pulling it; they must exist in the emulator's namespace.</param>
/// <param name="OperatorNamespace">Where the operator runs, whose pods may read a server's status.</param>
/// <param name="ClusterDomain">The domain that Services' names end in.</param>
/// <param name="OperatorHasNodeAddress">Whether those pods have their nodes' addresses, so that no policy can name them.</param>
internal sealed record ServerPodOptions(
    string Image,
    string? ImagePullPolicy,
    ImmutableArray<string> ImagePullSecrets,
    string OperatorNamespace,
    string ClusterDomain,
    bool OperatorHasNodeAddress = false);
