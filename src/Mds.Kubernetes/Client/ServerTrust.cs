using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes;

/// <summary>
/// Decides whether a server's certificate comes from the configured authorities. As for kubectl, an authority need not
/// be a root: a cluster whose authority is itself issued by another one often configures only its own.
/// </summary>
internal sealed class ServerTrust(X509Certificate2Collection authorities)
{
    /// <summary>How the chain of a server's certificate is built.</summary>
    public X509ChainPolicy CreatePolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    /// <summary>Judges a certificate whose chain was built so.</summary>
    /// <param name="certificate">The server's certificate.</param>
    /// <param name="chain">Its chain.</param>
    /// <param name="errors">What is wrong with it, as far as .NET can tell.</param>
    /// <returns>True.</returns>
    /// <exception cref="AuthenticationException">The certificate is not trusted; the message is a sentence that says why.</exception>
    public bool Verify(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || (errors == SslPolicyErrors.RemoteCertificateChainErrors && EndsInAnAuthority(chain!)))
        {
            return true;
        }

        if (certificate is null)
        {
            throw new AuthenticationException("The server sent no certificate.");
        }

        throw new AuthenticationException(errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch)
            ? $"The server's certificate '{certificate.Subject}' is not for the name the server is reached by."
            : $"The server's certificate '{certificate.Subject}' is not trusted: {string.Join(", ", chain!.ChainStatus.Select(status => status.Status))}.");
    }

    // To .NET a chain that ends below a root is partial, which is the only fault it may have here.
    private bool EndsInAnAuthority(X509Chain chain) =>
        chain.ChainStatus.All(status => status.Status == X509ChainStatusFlags.PartialChain)
        && authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(chain.ChainElements[^1].Certificate.RawDataMemory.Span));
}
