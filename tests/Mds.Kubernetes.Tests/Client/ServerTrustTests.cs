using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Mds.Kubernetes.Tests.Client;

public sealed class ServerTrustTests : IDisposable
{
    private readonly X509Certificate2 _root;
    private readonly X509Certificate2 _intermediate;
    private readonly X509Certificate2 _server;
    private readonly X509Certificate2 _namesake;

    public ServerTrustTests()
    {
        _root = Issue("root", null, authority: true);
        _intermediate = Issue("cluster", _root, authority: true);
        _server = Issue("server", _intermediate, authority: false);
        _namesake = Issue("cluster", null, authority: true);
    }

    public void Dispose()
    {
        _root.Dispose();
        _intermediate.Dispose();
        _server.Dispose();
        _namesake.Dispose();
    }

    [Fact]
    public void Verify_AuthorityThatIsNoRoot_IsTrusted() => Assert.True(Verify(_intermediate));

    [Fact]
    public void Verify_RootAndIntermediate_IsTrusted() => Assert.True(Verify(_root, _intermediate));

    [Fact]
    public void Verify_NamesakeOfTheAuthority_IsNotTrusted() =>
        Assert.Throws<AuthenticationException>(() => Verify(_namesake));

    [Fact]
    public void Verify_RootWithoutTheIntermediate_IsNotTrusted() =>
        Assert.Throws<AuthenticationException>(() => Verify(_root));

    [Fact]
    public void Verify_NoCertificate_IsNotTrusted() => Assert.Throws<AuthenticationException>(
        () => new ServerTrust([_root]).Verify(null, null, SslPolicyErrors.RemoteCertificateNotAvailable));

    private static X509Certificate2 Issue(string name, X509Certificate2? issuer, bool authority)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, critical: true));
        if (issuer is null)
        {
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        }

        using var certificate = request.Create(issuer, issuer.NotBefore, issuer.NotAfter, RandomNumberGenerator.GetBytes(16));
        return certificate.CopyWithPrivateKey(key);
    }

    private bool Verify(params X509Certificate2Collection authorities)
    {
        var trust = new ServerTrust(authorities);
        using var chain = new X509Chain { ChainPolicy = trust.CreatePolicy() };
        var errors = chain.Build(_server) ? SslPolicyErrors.None : SslPolicyErrors.RemoteCertificateChainErrors;
        return trust.Verify(_server, chain, errors);
    }
}
