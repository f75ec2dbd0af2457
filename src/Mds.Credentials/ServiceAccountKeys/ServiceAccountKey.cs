using System.Security.Cryptography;

namespace Mds.Credentials;

/// <summary>A service account key as the Google Cloud console and <c>gcloud iam service-accounts keys create</c> write it.</summary>
public sealed class ServiceAccountKey
{
    /// <summary>Creates a key of its parts, which need not come from a file.</summary>
    /// <param name="clientEmail">The service account's e-mail address.</param>
    /// <param name="privateKey">The private key.</param>
    /// <param name="tokenUri">Where an assertion signed with the key is exchanged for tokens.</param>
    public ServiceAccountKey(string clientEmail, RSA privateKey, Uri tokenUri)
        : this(clientEmail, By(privateKey), tokenUri) =>
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(privateKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Creates a key that is elsewhere, in a TPM, and is asked for each signature.</summary>
    /// <param name="clientEmail">The service account's e-mail address.</param>
    /// <param name="signHash">Asks it.</param>
    /// <param name="tokenUri">Where an assertion signed with the key is exchanged for tokens.</param>
    public ServiceAccountKey(string clientEmail, SignHash signHash, Uri tokenUri)
    {
        ArgumentException.ThrowIfNullOrEmpty(clientEmail);
        ArgumentNullException.ThrowIfNull(signHash);
        ArgumentNullException.ThrowIfNull(tokenUri);
        ClientEmail = clientEmail;
        SignHash = signHash;
        TokenUri = tokenUri;
    }

    /// <summary>The service account's e-mail address.</summary>
    public string ClientEmail { get; }

    /// <summary>Where an assertion signed with the key is exchanged for tokens.</summary>
    public Uri TokenUri { get; }

    /// <summary>The project that the account belongs to, when the file says so.</summary>
    public string? ProjectId { get; init; }

    /// <summary>The id that Google knows the key by, when the file says so.</summary>
    public string? PrivateKeyId { get; init; }

    /// <summary>The universe the account lives in, when the file says so; Google's public cloud otherwise.</summary>
    public string? UniverseDomain { get; init; }

    /// <summary>
    /// The SHA-256 hash of the public key (SubjectPublicKeyInfo), in lower-case hexadecimal; <see langword="null"/> where the
    /// key is elsewhere.
    /// </summary>
    public string? Fingerprint { get; }

    internal SignHash SignHash { get; }

    /// <summary>Reads a key file.</summary>
    /// <param name="utf8">The bytes of the file.</param>
    /// <param name="source">What to call the file in error messages: its path.</param>
    /// <returns>The key.</returns>
    /// <exception cref="TokenSourceException">The bytes are not a usable key; the message says why, and never quotes them.</exception>
    public static ServiceAccountKey Parse(ReadOnlyMemory<byte> utf8, string source) =>
        ServiceAccountKeyFile.Read(utf8, source);

    /// <summary>Names the account only: keys do not belong in logs.</summary>
    public override string ToString() => $"service account key of {ClientEmail}";

    private static SignHash By(RSA privateKey)
    {
        ArgumentNullException.ThrowIfNull(privateKey);
        return (hash, _) => Task.FromResult(privateKey.SignHash(hash, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }
}
