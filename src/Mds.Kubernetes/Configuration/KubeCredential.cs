using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes;

/// <summary>What proves to the API server who calls. A class and not a record, so that no text of it shows the token.</summary>
internal sealed class KubeCredential(string? token, X509Certificate2? clientCertificate)
{
    public string? Token { get; } = token;

    public X509Certificate2? ClientCertificate { get; } = clientCertificate;
}
