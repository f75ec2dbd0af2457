namespace Mds.Kubernetes;

/// <summary>Where the credential of a request comes from.</summary>
internal interface ICredentialSource
{
    /// <summary>The credential to use now.</summary>
    ValueTask<KubeCredential> GetAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Tells the source that the server rejected <paramref name="credential"/> with 401.
    /// </summary>
    /// <returns>Whether asking again may give another one.</returns>
    bool Reject(KubeCredential credential);
}
