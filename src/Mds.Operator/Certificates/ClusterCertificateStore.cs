using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Certificates;

/// <summary>The Secret and the configuration in a cluster, each watched by its name, which is all the permissions allow.</summary>
internal sealed class ClusterCertificateStore : ICertificateStore
{
    private readonly KubeClient _client;
    private readonly OperatorOptions _options;
    private readonly Informer _secrets;
    private readonly Informer _configurations;

    /// <summary>Names the objects; nothing is sent yet.</summary>
    public ClusterCertificateStore(KubeClient client, OperatorOptions options, ILogger<Informer> logger)
    {
        (_client, _options) = (client, options);
        _secrets = new Informer(
            client,
            KubeResources.Secrets,
            new InformerOptions { Namespace = options.Namespace, FieldSelector = $"metadata.name={options.WebhookCaSecret}" },
            logger);
        _configurations = new Informer(
            client,
            KubeResources.MutatingWebhookConfigurations,
            new InformerOptions { FieldSelector = $"metadata.name={options.WebhookConfiguration}" },
            logger);
        _secrets.AddHandler(_ => Changed?.Invoke());
        _configurations.AddHandler(_ => Changed?.Invoke());
    }

    /// <inheritdoc/>
    public JsonObject? Secret => _secrets.Find(_options.Namespace, _options.WebhookCaSecret);

    /// <inheritdoc/>
    public JsonObject? Configuration => _configurations.Find(null, _options.WebhookConfiguration);

    /// <inheritdoc/>
    public event Action? Changed;

    /// <inheritdoc/>
    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_secrets.RunAsync(cancellationToken), _configurations.RunAsync(cancellationToken));

    /// <inheritdoc/>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_secrets.WaitForSyncAsync(cancellationToken), _configurations.WaitForSyncAsync(cancellationToken));

    /// <inheritdoc/>
    public Task WriteSecretAsync(JsonObject secret, CancellationToken cancellationToken) =>
        KubeJson.ResourceVersionOf(secret).Length == 0
            ? _client.CreateAsync(KubeResources.Secrets, secret, cancellationToken: cancellationToken)
            : _client.ReplaceAsync(KubeResources.Secrets, secret, cancellationToken: cancellationToken);

    /// <inheritdoc/>
    public Task<JsonObject> PatchConfigurationAsync(JsonArray patch, CancellationToken cancellationToken) =>
        _client.PatchAsync(
            KubeResources.MutatingWebhookConfigurations, null, _options.WebhookConfiguration, patch, cancellationToken: cancellationToken);
}
