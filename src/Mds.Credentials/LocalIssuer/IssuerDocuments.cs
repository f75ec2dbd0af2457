using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>The documents by which others verify what local issuers signed, each as UTF-8.</summary>
public static class IssuerDocuments
{
    /// <summary>Where the discovery document is served, below the issuer's URL (OpenID Connect Discovery 1.0, section 4).</summary>
    public const string DiscoveryPath = "/.well-known/openid-configuration";

    /// <summary>Where the key set is served, below the issuer's URL.</summary>
    public const string JwksPath = "/jwks";

    /// <summary>Where the same keys are served as certificates, below the issuer's URL.</summary>
    public const string CertificatesPath = "/certs";

    /// <summary>Where tokens are judged, below the issuer's URL.</summary>
    public const string TokenInfoPath = "/tokeninfo";

    // A certificate holds + and /, which are nothing to escape.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The OpenID discovery document of an issuer that has no sign-in page, with the members of Kubernetes' own.</summary>
    /// <param name="issuer">The issuer's URL, as in its tokens' <c>iss</c>.</param>
    public static ReadOnlyMemory<byte> Discovery(string issuer)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        return Utf8(new()
        {
            ["issuer"] = issuer,
            ["jwks_uri"] = issuer.TrimEnd('/') + JwksPath,
            ["response_types_supported"] = new JsonArray("id_token"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        });
    }

    /// <summary>The JSON Web Key Set (RFC 7517), in the form of googleapis.com/oauth2/v3/certs.</summary>
    /// <param name="keys">The keys; the same key twice counts once.</param>
    public static ReadOnlyMemory<byte> Jwks(IEnumerable<IssuerKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Utf8(new() { ["keys"] = new JsonArray([.. Distinct(keys).Select(static key => key.ToJwk())]) });
    }

    /// <summary>The keys as certificates by key id, in the form of googleapis.com/oauth2/v1/certs.</summary>
    /// <param name="keys">The keys; the same key twice counts once.</param>
    public static ReadOnlyMemory<byte> Certificates(IEnumerable<IssuerKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return Utf8(new(Distinct(keys).Select(static key => KeyValuePair.Create(key.Id, (JsonNode?)key.CertificatePem))));
    }

    private static IEnumerable<IssuerKey> Distinct(IEnumerable<IssuerKey> keys) => keys.DistinctBy(static key => key.Id);

    private static byte[] Utf8(JsonObject document) => Encoding.UTF8.GetBytes(document.ToJsonString(Plain));
}
