using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>One RSA key of a <see cref="LocalIssuer"/>, and the public forms in which others get to know it.</summary>
public sealed class IssuerKey
{
    // The name that Google's own certificates would have in its place. Nobody reads it.
    private const string Subject = "CN=mds-local-issuer";

    private readonly RSA _key;
    private readonly Lazy<string> _certificate;

    internal IssuerKey(RSA key)
    {
        _key = key;
        var numbers = key.ExportParameters(includePrivateParameters: false);
        Exponent = Base64Url.EncodeToString(numbers.Exponent);
        Modulus = Base64Url.EncodeToString(numbers.Modulus);
        // The exact text that RFC 7638 section 3 hashes: required members only, in this order, without white space.
        Id = Base64Url.EncodeToString(SHA256.HashData(
            Encoding.ASCII.GetBytes($$"""{"e":"{{Exponent}}","kty":"RSA","n":"{{Modulus}}"}""")));
        _certificate = new(MakeCertificate);
    }

    /// <summary>Its id in tokens and key sets: the RFC 7638 thumbprint, so that replicas with one key agree.</summary>
    public string Id { get; }

    /// <summary>
    /// The public key as a self-signed X.509 certificate in PEM, the form of googleapis.com/oauth2/v1/certs, which the
    /// older verifiers of Google's libraries read. It is the same wherever it is made: its dates and its number are fixed.
    /// </summary>
    public string CertificatePem => _certificate.Value;

    private string Exponent { get; }

    private string Modulus { get; }

    /// <summary>The public key with the members that Google's own key set has (googleapis.com/oauth2/v3/certs).</summary>
    internal JsonObject ToJwk() => new()
    {
        ["alg"] = "RS256",
        ["e"] = Exponent,
        ["kid"] = Id,
        ["kty"] = "RSA",
        ["n"] = Modulus,
        ["use"] = "sig",
    };

    internal string Sign(string type, JsonObject claims) =>
        Jwt.Sign(new() { ["alg"] = "RS256", ["kid"] = Id, ["typ"] = type }, claims, _key);

    internal bool Signed(SignedJwt token) => token.HeaderText("kid") == Id && token.IsSignedBy(_key);

    private string MakeCertificate()
    {
        var name = new X500DistinguishedName(Subject);
        var request = new CertificateRequest(name, _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // RFC 5280, 4.1.2.5: the last moment of the year 9999 says that there is no end.
        using var certificate = request.Create(
            name,
            X509SignatureGenerator.CreateForRSA(_key, RSASignaturePadding.Pkcs1),
            new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero),
            new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero),
            [.. SHA256.HashData(Encoding.ASCII.GetBytes(Id)).AsSpan(0, 16)]);
        return certificate.ExportCertificatePem() + "\n";
    }
}
