using System.Text;
using System.Text.Json.Nodes;

namespace Mds.Credentials;

/// <summary>The OpenID discovery document of an issuer that has no sign-in page, with the same members as Kubernetes' own.</summary>
public static class OpenIdConfiguration
{
    /// <summary>Where the document is served, below the issuer's URL (OpenID Connect Discovery 1.0, section 4).</summary>
    public const string Path = "/.well-known/openid-configuration";

    /// <summary>Where the key set is served, below the issuer's URL; the name that Kubernetes chose too.</summary>
    public const string JwksPath = "/openid/v1/jwks";

    /// <summary>Renders the document.</summary>
    /// <param name="issuer">The issuer's URL, as in its tokens' <c>iss</c>.</param>
    /// <returns>JSON as UTF-8.</returns>
    public static ReadOnlyMemory<byte> Render(string issuer)
    {
        ArgumentException.ThrowIfNullOrEmpty(issuer);
        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["issuer"] = issuer,
            ["jwks_uri"] = issuer.TrimEnd('/') + JwksPath,
            ["response_types_supported"] = new JsonArray("id_token"),
            ["subject_types_supported"] = new JsonArray("public"),
            ["id_token_signing_alg_values_supported"] = new JsonArray("RS256"),
        }.ToJsonString());
    }
}
