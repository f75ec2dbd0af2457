namespace Mds.Server.Listeners;

/// <summary>TLS on a listener, mutual where only clients with a certificate of some authorities are answered.</summary>
/// <param name="CertificateFile">A PEM file with the server's certificate, and behind it those between it and its root.</param>
/// <param name="KeyFile">A PEM file with that certificate's private key.</param>
/// <param name="ClientAuthoritiesFile">
/// A PEM file with the root certificates that clients' certificates have to lead to; <see langword="null"/> where clients
/// need no certificate.
/// </param>
internal sealed record TlsSettings(string CertificateFile, string KeyFile, string? ClientAuthoritiesFile = null)
{
    /// <summary>The reference emulator's default for <c>-serverCert</c>.</summary>
    public const string DefaultCertificateFile = "certs/server.crt";

    /// <summary>The reference emulator's default for <c>-serverKey</c>.</summary>
    public const string DefaultKeyFile = "certs/server.key";

    /// <summary>The reference emulator's default for <c>-rootCAmTLS</c>.</summary>
    public const string DefaultClientAuthoritiesFile = "certs/root.crt";

    /// <summary>The files.</summary>
    public IReadOnlyList<string> Files =>
        ClientAuthoritiesFile is null ? [CertificateFile, KeyFile] : [CertificateFile, KeyFile, ClientAuthoritiesFile];
}
