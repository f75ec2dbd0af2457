using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Verification;

/// <summary>
/// Asks the webhook what the API server asks it, over the same way: through the Service, trusting only the registered
/// certificate authority. The question is about a pod whose emulator does not exist; a webhook that works refuses it.
/// </summary>
internal sealed class WebhookVerification(KubeClient client)
{
    /// <summary>An emulator that nobody makes.</summary>
    public const string MissingEmulator = "mds-verify-there-is-no-such-emulator";

    // The API server waits five seconds for the webhook by the chart's default.
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>Asks once.</summary>
    /// <param name="configurationName">The name of the <c>MutatingWebhookConfiguration</c>.</param>
    /// <param name="cancellationToken">Cancels it.</param>
    /// <returns>A sentence that says what was seen.</returns>
    /// <exception cref="VerificationException">The webhook does not work.</exception>
    public async Task<string> VerifyAsync(string configurationName, CancellationToken cancellationToken)
    {
        try
        {
            var configuration =
                await client.FindAsync(KubeResources.MutatingWebhookConfigurations, null, configurationName, cancellationToken)
                ?? throw new VerificationException($"There is no MutatingWebhookConfiguration {configurationName}: install the chart.");
            var address = WebhookAddress.Read(configuration);
            var service = await client.FindAsync(KubeResources.Services, address.Namespace, address.Service, cancellationToken)
                ?? throw new VerificationException($"There is no Service {address.Namespace}/{address.Service}: install the chart.");
            var endPoint = address.EndPointOf(service);

            var review = ReviewOf(address.Namespace);
            var sentence = ReadRefusal(await AskAsync(address, endPoint, review, cancellationToken), UidOf(review));
            return $"The webhook answers at {address.Host} ({endPoint}) with a certificate of the registered authority, " +
                $"and refuses a pod without an emulator: {sentence}";
        }
        catch (KubeApiException e)
        {
            throw new VerificationException($"The API server did not answer what is needed to find the webhook. {e.Message}", e);
        }
    }

    private static async Task<string> AskAsync(
        WebhookAddress address, IPEndPoint endPoint, JsonObject review, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectCallback = async (_, cancel) => await ConnectAsync(endPoint, cancel),
        };
        handler.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.AddRange(address.Authorities);
        using var http = new HttpClient(handler) { Timeout = Timeout };
        using var content = new StringContent(review.ToJsonString(), Encoding.UTF8, "application/json");
        try
        {
            using var response = await http.PostAsync(
                new UriBuilder("https", address.Host, address.Port, address.Path).Uri, content, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode
                ? answer
                : throw new VerificationException($"The webhook at {address.Host} answered with {(int)response.StatusCode} instead of a decision.");
        }
        catch (HttpRequestException e) when (e.InnerException is AuthenticationException)
        {
            throw new VerificationException(
                $"The certificate that {address.Host} ({endPoint}) serves is not one the registered caBundle vouches for: {e.InnerException.Message}", e);
        }
        catch (HttpRequestException e)
        {
            throw new VerificationException(
                $"The webhook could not be reached at {address.Host} ({endPoint}): {e.Message} Is an operator's pod ready?", e);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new VerificationException(
                $"The webhook at {address.Host} ({endPoint}) did not answer in {Timeout.TotalSeconds} seconds. Is an operator's pod ready?", e);
        }
    }

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string ReadRefusal(string answer, string uid)
    {
        JsonNode? response;
        try
        {
            response = (JsonNode.Parse(answer) as JsonObject)?["response"];
        }
        catch (JsonException e)
        {
            throw new VerificationException("The webhook's answer is not JSON.", e);
        }

        if (KubeJson.TextOf(response?["uid"]) != uid)
        {
            throw new VerificationException("The webhook's answer is not the AdmissionReview it was asked for.");
        }

        var message = KubeJson.TextOf(response!["status"]?["message"]) ?? "";
        if (response["allowed"] is not JsonValue allowed || !allowed.TryGetValue(out bool admitted) || admitted)
        {
            throw new VerificationException(
                $"The webhook let in a pod whose emulator, {MissingEmulator}, does not exist: pods would start without their emulator.");
        }

        return message.Contains(MissingEmulator, StringComparison.Ordinal)
            ? message
            : throw new VerificationException($"The webhook refused a pod, but not because its emulator is missing: {message}");
    }

    private static string UidOf(JsonObject review) => KubeJson.TextOf(review["request"]!["uid"])!;

    private static JsonObject ReviewOf(string ns) => new()
    {
        ["apiVersion"] = "admission.k8s.io/v1",
        ["kind"] = "AdmissionReview",
        ["request"] = new JsonObject
        {
            ["uid"] = Guid.NewGuid().ToString(),
            ["kind"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["kind"] = "Pod" },
            ["resource"] = new JsonObject { ["group"] = "", ["version"] = "v1", ["resource"] = "pods" },
            ["namespace"] = ns,
            ["operation"] = "CREATE",
            ["dryRun"] = true,
            ["object"] = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Pod",
                ["metadata"] = new JsonObject
                {
                    ["name"] = "mds-verify",
                    ["namespace"] = ns,
                    ["labels"] = new JsonObject { [WellKnown.InjectLabel] = "true" },
                    ["annotations"] = new JsonObject { [WellKnown.Emulator] = MissingEmulator },
                },
                ["spec"] = new JsonObject
                {
                    ["containers"] = new JsonArray(new JsonObject { ["name"] = "none", ["image"] = "none" }),
                },
            },
        },
    };
}
