namespace Mds.Operator.Credentials;

/// <summary>A token of the server pod's own account, which the kubelet makes and renews.</summary>
/// <param name="Audience">Whom it is for.</param>
/// <param name="ExpirationSeconds">How long it lives.</param>
internal sealed record KubernetesToken(string Audience, int ExpirationSeconds);
