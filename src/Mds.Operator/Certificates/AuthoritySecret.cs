using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Certificates;

/// <summary>An <see cref="AuthorityBundle"/> as a Secret keeps it.</summary>
internal static class AuthoritySecret
{
    /// <summary>Key of the current authority's certificate.</summary>
    public const string CertificateKey = "ca.crt";

    /// <summary>Key of the current authority's private key.</summary>
    public const string PrivateKeyKey = "ca.key";

    /// <summary>Key of the earlier authorities' certificates; absent when there are none.</summary>
    public const string PreviousKey = "previous-ca.crt";

    // As the chart makes it, so that its removal is Helm's affair.
    private const string Empty = "It is empty.";

    /// <summary>Reads a Secret.</summary>
    /// <param name="secret">The Secret.</param>
    /// <returns>The bundle, or a sentence that says what is wrong; never with anything of the key in it.</returns>
    public static (AuthorityBundle? Bundle, string Problem) Read(JsonObject secret)
    {
        if (secret["data"] is not JsonObject { Count: > 0 } data)
        {
            return (null, Empty);
        }

        if (Text(data, CertificateKey) is not { } certificate || Text(data, PrivateKeyKey) is not { } key)
        {
            return (null, $"Its keys {CertificateKey} and {PrivateKeyKey} must both hold PEM.");
        }

        try
        {
            var previous = new X509Certificate2Collection();
            previous.ImportFromPem(Text(data, PreviousKey) ?? "");
            return (new AuthorityBundle(CertificateAuthority.Parse(certificate, key), [.. previous]), "");
        }
        catch (CryptographicException exception)
        {
            return (null, $"It holds no usable authority: {exception.Message}");
        }
    }

    /// <summary>Writes a bundle into a Secret.</summary>
    /// <param name="existing">The Secret to change, or null for a new one.</param>
    /// <param name="namespace">The namespace of a new one.</param>
    /// <param name="name">The name of a new one.</param>
    /// <param name="bundle">The bundle.</param>
    public static JsonObject Write(JsonObject? existing, string @namespace, string name, AuthorityBundle bundle)
    {
        var secret = existing?.DeepClone().AsObject() ?? new JsonObject
        {
            ["apiVersion"] = KubeResources.Secrets.ApiVersion,
            ["kind"] = KubeResources.Secrets.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = @namespace,
                ["labels"] = new JsonObject { [WellKnown.ManagedByLabel] = WellKnown.FieldManager },
            },
            ["type"] = "Opaque",
        };
        secret["data"] = new JsonObject
        {
            [CertificateKey] = Base64(AuthorityBundle.Pem([bundle.Current.Certificate])),
            [PrivateKeyKey] = Base64(bundle.Current.ExportKeyPem()),
        };
        if (bundle.Previous.Count > 0)
        {
            secret["data"]![PreviousKey] = Base64(AuthorityBundle.Pem(bundle.Previous));
        }

        return secret;
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string? Text(JsonObject data, string key)
    {
        try
        {
            return KubeJson.TextOf(data[key]) is { } base64 ? Encoding.UTF8.GetString(Convert.FromBase64String(base64)) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
