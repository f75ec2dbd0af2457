using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// A token issuer that needs no Google: one RSA key, an issuer URL, and the two documents by which others verify what
/// it signed. It may speak for several accounts.
/// </summary>
public sealed class LocalIssuer
{
    private readonly RSA _key;

    /// <summary>Creates an issuer with a new key; its tokens cannot be verified after the process has ended.</summary>
    /// <param name="issuer">The <c>iss</c> claim: the URL under which its documents are served.</param>
    public LocalIssuer(string issuer)
        : this(issuer, RSA.Create(2048))
    {
    }

    private LocalIssuer(string issuer, RSA key)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        Issuer = issuer;
        _key = key;
        KeyId = JsonWebKeySet.Thumbprint(key);
        Jwks = JsonWebKeySet.Of(key);
    }

    /// <summary>The <c>iss</c> claim of its tokens.</summary>
    public string Issuer { get; }

    /// <summary>The id of its key in tokens and in <see cref="Jwks"/>: the key's RFC 7638 thumbprint, so that replicas with one key agree.</summary>
    public string KeyId { get; }

    /// <summary>The JSON Web Key Set (RFC 7517) that holds its public key, as UTF-8.</summary>
    public ReadOnlyMemory<byte> Jwks { get; }

    /// <summary>Creates an issuer with a given key, so that several replicas sign alike.</summary>
    /// <param name="issuer">The <c>iss</c> claim: the URL under which its documents are served.</param>
    /// <param name="pem">The RSA private key as PEM text.</param>
    /// <param name="source">What to call the key in error messages: its file's path.</param>
    /// <returns>The issuer.</returns>
    /// <exception cref="TokenSourceException">The text is not an RSA private key; the message says why, and never quotes it.</exception>
    public static LocalIssuer FromPem(string issuer, string pem, string source) => new(issuer, RsaPem.Parse(pem, source));

    /// <summary>Signs claims with the issuer's key.</summary>
    /// <param name="type">The <c>typ</c> header: <c>JWT</c> for identity tokens, <c>at+jwt</c> for access tokens.</param>
    /// <param name="claims">The claims.</param>
    internal string Sign(string type, JsonObject claims) =>
        Jwt.Sign(new() { ["alg"] = "RS256", ["kid"] = KeyId, ["typ"] = type }, claims, _key);
}
