using System.Security.Cryptography.X509Certificates;

namespace Mds.Operator.Certificates;

/// <summary>When a certificate is good, for whom, and when it is time for the next one.</summary>
internal static class CertificateTimes
{
    /// <summary>Two thirds into its life; the last third is for whatever keeps the next one from coming.</summary>
    /// <param name="certificate">The certificate.</param>
    public static DateTimeOffset RenewAt(this X509Certificate2 certificate)
    {
        DateTimeOffset from = certificate.NotBefore, until = certificate.NotAfter;
        return from + ((until - from) * (2.0 / 3));
    }

    /// <summary>Whether it is good at a time and not yet due for the next one.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="now">The time.</param>
    public static bool IsFreshAt(this X509Certificate2 certificate, DateTimeOffset now) =>
        certificate.NotBefore <= now && now < certificate.RenewAt();

    /// <summary>Whether somebody who trusts some authorities and nothing else trusts it at a time.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="authorities">The authorities.</param>
    /// <param name="now">The time.</param>
    public static bool IsTrustedBy(
        this X509Certificate2 certificate, IEnumerable<X509Certificate2> authorities, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities.ToArray());
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificate);
    }
}
