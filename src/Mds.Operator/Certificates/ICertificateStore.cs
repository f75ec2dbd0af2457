using System.Text.Json.Nodes;
using Mds.Kubernetes;

namespace Mds.Operator.Certificates;

/// <summary>The two objects in the cluster that certificates live by: a Secret and a MutatingWebhookConfiguration.</summary>
internal interface ICertificateStore
{
    /// <summary>The Secret as last seen; null when there is none.</summary>
    JsonObject? Secret { get; }

    /// <summary>The configuration as last seen; null when there is none.</summary>
    JsonObject? Configuration { get; }

    /// <summary>Raised after each change of either.</summary>
    event Action? Changed;

    /// <summary>Keeps both current until cancelled.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    Task RunAsync(CancellationToken cancellationToken);

    /// <summary>Ends when both have been seen once: what is not known yet must not pass for what does not exist.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task WaitForSyncAsync(CancellationToken cancellationToken);

    /// <summary>Creates the Secret, or replaces the very version it was made from.</summary>
    /// <param name="secret">The Secret.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="KubeApiException">Somebody else was faster, or it is not allowed.</exception>
    Task WriteSecretAsync(JsonObject secret, CancellationToken cancellationToken);

    /// <summary>Patches the configuration.</summary>
    /// <param name="patch">A JSON patch (RFC 6902).</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <returns>The configuration, patched.</returns>
    Task<JsonObject> PatchConfigurationAsync(JsonArray patch, CancellationToken cancellationToken);
}
