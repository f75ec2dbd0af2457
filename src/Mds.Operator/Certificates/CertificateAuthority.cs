using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Operator.Certificates;

/// <summary>The authority that signs what the webhook serves: a self-signed certificate and its key (ECDSA P-256).</summary>
internal sealed class CertificateAuthority
{
    // The clocks of the nodes differ; a certificate that is only just valid here would not be everywhere.
    internal static readonly TimeSpan Backdating = TimeSpan.FromHours(1);

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private CertificateAuthority(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>The certificate, with its key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Makes one.</summary>
    /// <param name="now">The time.</param>
    /// <param name="lifetime">How long it is good for.</param>
    public static CertificateAuthority Create(DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        // Subjects differ, so that a verifier with two authorities in its bundle knows which one to try.
        var request = new CertificateRequest(
            $"CN=mds webhook CA {Convert.ToHexString(RandomNumberGenerator.GetBytes(4))}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return new CertificateAuthority(request.CreateSelfSigned(now - Backdating, now + lifetime));
    }

    /// <summary>Reads one back.</summary>
    /// <param name="certificatePem">The certificate.</param>
    /// <param name="keyPem">Its key.</param>
    /// <exception cref="CryptographicException">They are no PEM, do not belong together, or are no authority.</exception>
    public static CertificateAuthority Parse(string certificatePem, string keyPem)
    {
        X509Certificate2 certificate;
        try
        {
            certificate = X509Certificate2.CreateFromPem(certificatePem, keyPem);
        }
        catch (ArgumentException exception)
        {
            throw new CryptographicException("The key is not the certificate's.", exception);
        }

        using var key = certificate.GetECDsaPrivateKey();
        if (key is not null
            && certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority)
            && certificate.Extensions.OfType<X509KeyUsageExtension>().All(e => e.KeyUsages.HasFlag(X509KeyUsageFlags.KeyCertSign))
            && certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Any())
        {
            return new CertificateAuthority(certificate);
        }

        certificate.Dispose();
        throw new CryptographicException("The certificate is not one of an authority with an ECDSA key.");
    }

    /// <summary>The key, as the Secret keeps it.</summary>
    public string ExportKeyPem()
    {
        using var key = Certificate.GetECDsaPrivateKey()!;
        return key.ExportPkcs8PrivateKeyPem();
    }

    /// <summary>Signs a server certificate with a key of its own.</summary>
    /// <param name="dnsNames">The server's names.</param>
    /// <param name="now">The time.</param>
    /// <param name="lifetime">How long it is good for; never longer than the authority.</param>
    public X509Certificate2 Issue(IReadOnlyList<string> dnsNames, DateTimeOffset now, TimeSpan lifetime)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsNames[0]}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        foreach (var name in dnsNames)
        {
            names.AddDnsName(name);
        }

        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], false));
        request.CertificateExtensions.Add(
            X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));

        var from = Later(now - Backdating, Certificate.NotBefore);
        var until = Earlier(now + lifetime, Certificate.NotAfter);
        using var signed = request.Create(Certificate, from, until, RandomNumberGenerator.GetBytes(16));
        return signed.CopyWithPrivateKey(key);
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset other) => one > other ? one : other;

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
