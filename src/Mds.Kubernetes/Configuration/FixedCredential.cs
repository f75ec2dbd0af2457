namespace Mds.Kubernetes;

/// <summary>A credential that never changes.</summary>
internal sealed class FixedCredential(KubeCredential credential) : ICredentialSource
{
    public ValueTask<KubeCredential> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(credential);

    public bool Reject(KubeCredential credential) => false;
}
