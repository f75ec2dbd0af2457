using System.Security.Cryptography.X509Certificates;

namespace Mds.Operator.Certificates;

/// <summary>
/// The authority that signs, and those that signed before it. API servers trust all of them, so that certificates of an
/// earlier one are good until their servers have new ones.
/// </summary>
/// <param name="Current">Signs.</param>
/// <param name="Previous">Signed.</param>
internal sealed record AuthorityBundle(CertificateAuthority Current, IReadOnlyList<X509Certificate2> Previous)
{
    /// <summary>All certificates, the current one first.</summary>
    public IEnumerable<X509Certificate2> Certificates => Previous.Prepend(Current.Certificate);

    /// <summary>All certificates, as <c>caBundle</c> wants them.</summary>
    public string ToPem() => Pem(Certificates);

    /// <summary>The bundle with a new authority that signs.</summary>
    /// <param name="next">The new authority.</param>
    /// <param name="known">Authorities that others may still be using.</param>
    /// <param name="now">The time; what has run out is left behind.</param>
    public static AuthorityBundle Of(CertificateAuthority next, IEnumerable<X509Certificate2> known, DateTimeOffset now) =>
        new(next, [.. known
            .Where(certificate => now < certificate.NotAfter && certificate.Thumbprint != next.Certificate.Thumbprint)
            .DistinctBy(certificate => certificate.Thumbprint)]);

    /// <summary>Certificates one after the other in PEM.</summary>
    /// <param name="certificates">The certificates.</param>
    public static string Pem(IEnumerable<X509Certificate2> certificates) =>
        string.Concat(certificates.Select(certificate => certificate.ExportCertificatePem() + "\n"));
}
