using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ControlPlane;
using Mds.Kubernetes;

namespace Mds.Conformance.Tests;

/// <summary>A real Kubernetes API server that is told to trust the local issuer.</summary>
public sealed class ApiServerTrustTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("mds-trust-").FullName;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Fact]
    public async Task ApiServer_TokenOfTheIssuer_KnowsWhoAsks()
    {
        WriteCertificate();
        await using var server = await MdsServer.StartAsync(
            _home, "-local", "-issuerPort", ":0", "-issuerServerCert", Path.Combine(_home, "tls.crt"), "-issuerServerKey", Path.Combine(_home, "tls.key"));
        await using var plane = new ControlPlaneFixture
        {
            MoreArguments =
            [
                "--oidc-issuer-url", server.Issuer, "--oidc-ca-file", Path.Combine(_home, "tls.crt"),
                "--oidc-client-id", "kubernetes", "--oidc-username-claim", "email", "--oidc-username-prefix", "mds:",
            ],
        };
        await plane.InitializeAsync();

        // The API server fetches the keys in the background and refuses until it has them.
        var refusal = await RefusalAsync(plane, await IdentityTokenAsync(server, "kubernetes"), HttpStatusCode.Forbidden);
        Assert.Contains($"User \"mds:{Servers.Email}\" cannot get resource \"namespaces\"", refusal, StringComparison.Ordinal);

        await RefusalAsync(plane, await IdentityTokenAsync(server, "another"), HttpStatusCode.Unauthorized);
    }

    private static async Task<string> RefusalAsync(ControlPlaneFixture plane, string token, HttpStatusCode expected)
    {
        using var client = new KubeClient(plane.Config.WithToken(token));
        var refusal = await Eventually.HoldsAsync(
            () => Assert.ThrowsAsync<KubeApiException>(() => client.FindAsync(KubeResources.Namespaces, null, "default", Cancellation)),
            seen => seen.StatusCode == expected,
            $"the API server answers {expected}");
        return refusal.Message;
    }

    private static async Task<string> IdentityTokenAsync(MdsServer server, string audience)
    {
        using var http = new HttpClient { BaseAddress = new($"http://{server.Variables["GCE_METADATA_HOST"]}") };
        http.DefaultRequestHeaders.Add("Metadata-Flavor", "Google");
        return await http.GetStringAsync(
            new Uri($"/computeMetadata/v1/instance/service-accounts/default/identity?audience={audience}&format=full", UriKind.Relative),
            Cancellation);
    }

    // Signed by itself, so that it is its own authority.
    private void WriteCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=issuer", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        alternatives.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(alternatives.Build());
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(Path.Combine(_home, "tls.crt"), certificate.ExportCertificatePem());
        File.WriteAllText(Path.Combine(_home, "tls.key"), key.ExportPkcs8PrivateKeyPem());
    }
}
