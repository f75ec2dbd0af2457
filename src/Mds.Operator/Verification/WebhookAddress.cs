using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Verification;

/// <summary>Where the API server reaches the webhook, and whose certificates it accepts there.</summary>
/// <param name="Namespace">The namespace of the Service.</param>
/// <param name="Service">The Service.</param>
/// <param name="Path">The path that is asked.</param>
/// <param name="Port">The Service's port.</param>
/// <param name="Authorities">The registered <c>caBundle</c>.</param>
internal sealed record WebhookAddress(string Namespace, string Service, string Path, int Port, X509Certificate2Collection Authorities)
{
    /// <summary>The name the served certificate must carry, as kube-apiserver asks for it.</summary>
    public string Host => $"{Service}.{Namespace}.svc";

    /// <summary>Reads it from a <c>MutatingWebhookConfiguration</c>.</summary>
    /// <param name="configuration">The object; all its webhooks are served by the operator.</param>
    /// <exception cref="VerificationException">The object lacks something.</exception>
    public static WebhookAddress Read(JsonObject configuration)
    {
        var name = KubeJson.NameOf(configuration);
        var client = (configuration["webhooks"] as JsonArray)?.FirstOrDefault()?["clientConfig"] as JsonObject;
        if (client?["service"] is not JsonObject service)
        {
            throw new VerificationException($"The webhook configuration {name} names no Service: install the chart again.");
        }

        return new WebhookAddress(
            KubeJson.TextOf(service["namespace"]) ?? "",
            KubeJson.TextOf(service["name"]) ?? "",
            KubeJson.TextOf(service["path"]) ?? "/",
            service["port"] is JsonValue port && port.TryGetValue(out int number) ? number : 443,
            ReadBundle(KubeJson.TextOf(client["caBundle"]) ?? "", name));
    }

    /// <summary>The address of the Service itself, so that no DNS is needed.</summary>
    /// <param name="service">The Service object.</param>
    /// <exception cref="VerificationException">It has no address.</exception>
    public IPEndPoint EndPointOf(JsonObject service) =>
        IPAddress.TryParse(KubeJson.TextOf(service["spec"]?["clusterIP"]), out var address)
            ? new IPEndPoint(address, Port)
            : throw new VerificationException($"The Service {Namespace}/{Service} has no cluster IP for the API server to call.");

    private static X509Certificate2Collection ReadBundle(string caBundle, string configuration)
    {
        if (caBundle.Length == 0)
        {
            throw new VerificationException(
                $"The webhook configuration {configuration} has no caBundle yet: no operator has written it. Are the operator's pods running?");
        }

        try
        {
            var authorities = new X509Certificate2Collection();
            authorities.ImportFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(caBundle)));
            return authorities;
        }
        catch (Exception e) when (e is FormatException or CryptographicException)
        {
            throw new VerificationException($"The caBundle of the webhook configuration {configuration} holds no PEM certificates.", e);
        }
    }
}
