using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Server.Tests.Hosting;

/// <summary>A certificate authority of the test's own, with EC keys that take no time to make.</summary>
internal sealed class TestAuthority
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _certificate;

    private TestAuthority(X509Certificate2 certificate) => _certificate = certificate;

    public string Pem => _certificate.ExportCertificatePem();

    public X509Certificate2 Certificate => _certificate;

    public static TestAuthority Root(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(Request(name, key, isAuthority: true).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10)));
    }

    public TestAuthority Intermediate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return new(Sign(Request(name, key, isAuthority: true), -9, 9).CopyWithPrivateKey(key));
    }

    /// <summary>A certificate and its key in PEM.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="isServer">Whether it is for servers, else for clients.</param>
    /// <param name="fromDays">When it begins to be valid, from now.</param>
    /// <param name="toDays">When it ends.</param>
    public (string Certificate, string Key) Issue(string name, bool isServer, int fromDays = -1, int toDays = 1)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Sign(Leaf(Request(name, key, isAuthority: false), isServer), fromDays, toDays);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    /// <summary>The same with an RSA key.</summary>
    public (string Certificate, string Key) IssueRsa(string name, bool isServer)
    {
        using var key = RSA.Create(2048);
        using var certificate = Sign(
            Leaf(new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), isServer), -1, 1);
        return (certificate.ExportCertificatePem() + "\n", key.ExportPkcs8PrivateKeyPem() + "\n");
    }

    private static CertificateRequest Request(string name, ECDsa key, bool isAuthority)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isAuthority)
        {
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
            request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        }

        return request;
    }

    private static CertificateRequest Leaf(CertificateRequest request, bool isServer)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(System.Net.IPAddress.Loopback);
        names.AddDnsName("metadata.google.internal");
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(
            new X509EnhancedKeyUsageExtension([new Oid(isServer ? ServerAuthentication : ClientAuthentication)], false));
        return request;
    }

    private X509Certificate2 Sign(CertificateRequest request, int fromDays, int toDays) => request.Create(
        _certificate.SubjectName,
        X509SignatureGenerator.CreateForECDsa(_certificate.GetECDsaPrivateKey()!),
        DateTimeOffset.UtcNow.AddDays(fromDays),
        DateTimeOffset.UtcNow.AddDays(toDays),
        RandomNumberGenerator.GetBytes(8));
}
