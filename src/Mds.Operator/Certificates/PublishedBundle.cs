using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Certificates;

/// <summary>The authorities a MutatingWebhookConfiguration tells the API servers to trust: its <c>caBundle</c>s.</summary>
internal static class PublishedBundle
{
    /// <summary>Those that every webhook of the configuration trusts.</summary>
    /// <param name="configuration">The configuration.</param>
    public static IReadOnlyList<X509Certificate2> Read(JsonObject configuration)
    {
        IReadOnlyList<X509Certificate2>? common = null;
        foreach (var webhook in Webhooks(configuration))
        {
            var trusted = Parse(CaBundle(webhook));
            common = common is null ? trusted : [.. common.Where(c => trusted.Any(t => t.Thumbprint == c.Thumbprint))];
        }

        return common ?? [];
    }

    /// <summary>
    /// The JSON patch (RFC 6902) that makes every webhook trust a bundle; null when they do. It touches nothing else, and
    /// the API server refuses it when the webhooks have changed places meanwhile.
    /// </summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="pem">The bundle.</param>
    public static JsonArray? Patch(JsonObject configuration, string pem)
    {
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(pem));
        var patch = new JsonArray();
        var index = 0;
        foreach (var webhook in Webhooks(configuration))
        {
            if (CaBundle(webhook) != base64)
            {
                patch.Add((JsonNode)new JsonObject
                {
                    ["op"] = "test",
                    ["path"] = $"/webhooks/{index}/name",
                    ["value"] = webhook["name"]?.DeepClone(),
                });
                patch.Add((JsonNode)new JsonObject
                {
                    ["op"] = "add",
                    ["path"] = $"/webhooks/{index}/clientConfig/caBundle",
                    ["value"] = base64,
                });
            }

            index++;
        }

        return patch.Count > 0 ? patch : null;
    }

    private static IEnumerable<JsonObject> Webhooks(JsonObject configuration) =>
        (configuration["webhooks"] as JsonArray ?? []).OfType<JsonObject>();

    private static string? CaBundle(JsonObject webhook) =>
        KubeJson.TextOf((webhook["clientConfig"] as JsonObject)?["caBundle"]);

    private static List<X509Certificate2> Parse(string? base64)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(base64 ?? "")));
        }
        catch (Exception exception) when (exception is FormatException or CryptographicException)
        {
            // Not ours, then; it is about to be replaced.
            certificates.Clear();
        }

        return [.. certificates];
    }
}
