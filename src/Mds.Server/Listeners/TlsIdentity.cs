using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Mds.Server.Reload;

namespace Mds.Server.Listeners;

/// <summary>
/// Who the server is to TLS clients, and whose clients it answers: made of PEM files, checked, and not changed any more.
/// </summary>
internal sealed class TlsIdentity
{
    private readonly SslStreamCertificateContext _certificate;
    private readonly X509ChainPolicy? _clientPolicy;

    private TlsIdentity(X509Certificate2 certificate, X509Certificate2Collection chain, X509Certificate2Collection? authorities)
    {
        ExpiresAt = new DateTimeOffset(certificate.NotAfter);
        Subject = certificate.Subject;
        _certificate = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        if (authorities is null)
        {
            return;
        }

        _clientPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        _clientPolicy.CustomTrustStore.AddRange(authorities);
        // Authorities in between may stand in the same file; clients that do not send them are understood.
        _clientPolicy.ExtraStore.AddRange(authorities);
    }

    /// <summary>When the server's certificate expires.</summary>
    public DateTimeOffset ExpiresAt { get; }

    /// <summary>Whom it names.</summary>
    public string Subject { get; }

    /// <summary>Makes an identity.</summary>
    /// <param name="settings">The files.</param>
    /// <param name="contents">What they hold, by path.</param>
    /// <param name="now">The time that certificates have to be valid at.</param>
    /// <exception cref="CertificateException">They cannot be used.</exception>
    public static TlsIdentity Load(TlsSettings settings, IReadOnlyDictionary<string, FileContent> contents, DateTimeOffset now)
    {
        var chain = Certificates(settings.CertificateFile, contents, "the server's certificate");
        var certificate = chain[0];
        CheckDates(certificate, settings.CertificateFile, now);
        var authorities = settings.ClientAuthoritiesFile is { } file
            ? Certificates(file, contents, "the root certificates of clients")
            : null;
        var withKey = WithKey(certificate, settings, Text(settings.KeyFile, contents));
        chain.RemoveAt(0);
        return new TlsIdentity(withKey, chain, authorities);
    }

    /// <summary>What a connection is served with. A client's chain is built anew for each, from this identity's authorities alone.</summary>
    public SslServerAuthenticationOptions Options() => new()
    {
        ServerCertificateContext = _certificate,
        ClientCertificateRequired = _clientPolicy is not null,
        CertificateChainPolicy = _clientPolicy?.Clone(),
        EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
    };

    private static X509Certificate2Collection Certificates(
        string path, IReadOnlyDictionary<string, FileContent> contents, string purpose)
    {
        var text = Text(path, contents);
        RequireLabel(path, text, purpose, label => label == "CERTIFICATE", "certificate");
        try
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(text);
            return certificates;
        }
        catch (CryptographicException exception)
        {
            throw new CertificateException($"A certificate in {path} is broken and cannot be read. Write the file again.", exception);
        }
    }

    private static X509Certificate2 WithKey(X509Certificate2 certificate, TlsSettings settings, string text)
    {
        var path = settings.KeyFile;
        RequireLabel(path, text, "the certificate's key", label => label.EndsWith("PRIVATE KEY", StringComparison.Ordinal), "private key");
        if (Labels(text).Contains("ENCRYPTED PRIVATE KEY") || text.Contains("Proc-Type: 4,ENCRYPTED", StringComparison.Ordinal))
        {
            throw new CertificateException(
                $"The key in {path} is encrypted with a passphrase, which nobody is there to type. Give it without: openssl pkey -in {path} -out FILE.");
        }

        try
        {
            if (certificate.GetRSAPublicKey() is { } rsaPublic)
            {
                using (rsaPublic)
                using (var key = RSA.Create())
                {
                    key.ImportFromPem(text);
                    return certificate.CopyWithPrivateKey(key);
                }
            }

            using var ecKey = ECDsa.Create();
            ecKey.ImportFromPem(text);
            return certificate.CopyWithPrivateKey(ecKey);
        }
        catch (Exception exception) when (exception is ArgumentException or CryptographicException or InvalidOperationException)
        {
            throw new CertificateException(
                $"The key in {path} does not belong to the certificate in {settings.CertificateFile}, or is broken. "
                + "Give the RSA or EC key that the certificate was made with.",
                exception);
        }
    }

    private static void CheckDates(X509Certificate2 certificate, string path, DateTimeOffset now)
    {
        if (now > certificate.NotAfter)
        {
            throw new CertificateException($"The certificate in {path} expired on {Date(certificate.NotAfter)}. Give one that is valid.");
        }

        if (now < certificate.NotBefore)
        {
            throw new CertificateException(
                $"The certificate in {path} is not valid before {Date(certificate.NotBefore)}. Give one that is, or set this machine's clock.");
        }
    }

    private static void RequireLabel(string path, string text, string purpose, Func<string, bool> isRight, string expected)
    {
        var labels = Labels(text).Distinct().ToList();
        if (!labels.Exists(label => isRight(label)))
        {
            throw new CertificateException(labels.Count == 0
                ? $"{path} is to hold {purpose} and is not PEM: it has no line -----BEGIN …-----."
                : $"{path} is to hold {purpose}, but holds {string.Join(", ", labels)} and no {expected}.");
        }
    }

    private static IEnumerable<string> Labels(string text)
    {
        for (var rest = text; PemEncoding.TryFind(rest, out var fields); rest = rest[fields.Location.End..])
        {
            yield return rest[fields.Label];
        }
    }

    private static string Text(string path, IReadOnlyDictionary<string, FileContent> contents) =>
        contents[path] is { Bytes: { } bytes } ? Encoding.UTF8.GetString(bytes) : throw new CertificateException(contents[path].Problem!);

    private static string Date(DateTime date) =>
        date.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
