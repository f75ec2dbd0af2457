using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Mds.Operator;

/// <summary>What <c>mds-operator run</c> was told.</summary>
internal sealed record OperatorOptions
{
    /// <summary>The namespace the operator runs in: of its Lease, its CA Secret and its webhook's Service.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of this replica's pod, which it leads under.</summary>
    public required string PodName { get; init; }

    /// <summary>The image of the metadata server.</summary>
    public required string ServerImage { get; init; }

    /// <summary>When nodes pull that image; null for Kubernetes' own rule.</summary>
    public string? ServerImagePullPolicy { get; init; }

    /// <summary>Secrets for pulling that image, in the emulators' namespaces.</summary>
    public ImmutableArray<string> ServerImagePullSecrets { get; init; } = [];

    /// <summary>The domain that the names of Services end in.</summary>
    public string ClusterDomain { get; init; } = Emulators.ClusterDomain.Default;

    /// <summary>The port the webhook listens on; 0 for any that is free.</summary>
    public int WebhookPort { get; init; } = 10250;

    /// <summary>The Service the API server reaches the webhook by.</summary>
    public string WebhookService { get; init; } = "mds-webhook";

    /// <summary>The MutatingWebhookConfiguration whose <c>caBundle</c> the operator keeps.</summary>
    public string WebhookConfiguration { get; init; } = "mds";

    /// <summary>The Secret that holds the webhook's certificate authority.</summary>
    public string WebhookCaSecret { get; init; } = "mds-webhook-ca";

    /// <summary>The Lease by which one replica is chosen to reconcile.</summary>
    public string Lease { get; init; } = "mds-operator";

    /// <summary>Whether this replica is in its node's network, and has its node's address.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>The port of health and metrics; 0 for any that is free.</summary>
    public int MetricsPort { get; init; } = 8080;

    /// <summary>How long the replica goes on answering after it was told to end.</summary>
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What is logged.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>The kubeconfig file; null for the pod's own account, else <c>KUBECONFIG</c>, else <c>~/.kube/config</c>.</summary>
    public string? Kubeconfig { get; init; }
}
