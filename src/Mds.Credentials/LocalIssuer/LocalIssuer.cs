using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>
/// A token issuer that needs no Google: an issuer URL and RSA keys, of which the first signs and all are published. It
/// may speak for several accounts. Immutable: other keys are another issuer, which goes on publishing those before it.
/// </summary>
public sealed class LocalIssuer
{
    /// <summary>How long a token lives: an hour, as Google's.</summary>
    public static readonly TimeSpan TokenLife = TimeSpan.FromHours(1);

    /// <summary>
    /// How long a key is published after it was replaced: as long as its last token can live, and as long again as
    /// another replica that has the old file can go on signing with it. A kubelet passes a changed Secret on within a
    /// minute or two; ten are ample.
    /// </summary>
    public static readonly TimeSpan Overlap = TokenLife + TimeSpan.FromMinutes(10);

    // RFC 7518, 3.3: RS256 needs a key of at least this size, and verifiers insist on it.
    private const int SmallestKey = 2048;

    private readonly ImmutableArray<IssuerKey> _keys;
    private readonly ImmutableArray<(IssuerKey Key, DateTimeOffset Until)> _retired;

    /// <summary>Creates an issuer with a new key; its tokens cannot be verified after the process has ended.</summary>
    /// <param name="issuer">The <c>iss</c> claim: the URL under which its documents are served.</param>
    public LocalIssuer(string issuer)
        : this(issuer, [new(RSA.Create(SmallestKey))], [])
    {
    }

    private LocalIssuer(
        string issuer, ImmutableArray<IssuerKey> keys, ImmutableArray<(IssuerKey Key, DateTimeOffset Until)> retired)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        (Issuer, _keys, _retired) = (issuer, keys, retired);
    }

    /// <summary>The <c>iss</c> claim of its tokens.</summary>
    public string Issuer { get; }

    /// <summary>The id of the key that signs.</summary>
    public string KeyId => _keys[0].Id;

    /// <summary>Creates an issuer with given keys, so that several replicas sign alike.</summary>
    /// <param name="issuer">The <c>iss</c> claim: the URL under which its documents are served.</param>
    /// <param name="pem">RSA private keys as PEM text: the first signs, all are published.</param>
    /// <param name="source">What to call the keys in error messages: their file's path.</param>
    /// <returns>The issuer.</returns>
    /// <exception cref="TokenSourceException">The text is not RSA private keys; the message says why, and never quotes it.</exception>
    public static LocalIssuer FromPem(string issuer, string pem, string source)
    {
        var keys = RsaPem.ParseAll(pem, source);
        if (keys.FirstOrDefault(static key => key.KeySize < SmallestKey) is { } small)
        {
            throw new TokenSourceException(
                TokenSourceFault.Unusable,
                $"{source} holds a key of {small.KeySize} bits; RS256 needs {SmallestKey} or more. Make one with: openssl genrsa -out key.pem 2048.");
        }

        return new(issuer, [.. keys.Select(static key => new IssuerKey(key))], []);
    }

    /// <summary>The same issuer, publishing for the time of <see cref="Overlap"/> also the keys of the one it replaces.</summary>
    /// <param name="previous">The issuer that it replaces.</param>
    /// <param name="now">When it does.</param>
    public LocalIssuer Replacing(LocalIssuer previous, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(previous);
        var retired = previous._keys.Select(key => (Key: key, Until: now + Overlap)).Concat(previous._retired)
            .Where(old => old.Until > now && _keys.All(key => key.Id != old.Key.Id))
            .DistinctBy(static old => old.Key.Id);
        return new(Issuer, _keys, [.. retired]);
    }

    /// <summary>The keys that tokens may be verified with: its own, and those it replaced not long ago.</summary>
    /// <param name="now">The present.</param>
    public IEnumerable<IssuerKey> Keys(DateTimeOffset now) =>
        _keys.Concat(_retired.Where(old => now < old.Until).Select(static old => old.Key));

    /// <summary>Signs claims with the issuer's key.</summary>
    /// <param name="type">The <c>typ</c> header: <c>JWT</c> for identity tokens, <c>at+jwt</c> for access tokens.</param>
    /// <param name="claims">The claims.</param>
    internal string Sign(string type, JsonObject claims) => _keys[0].Sign(type, claims);
}
