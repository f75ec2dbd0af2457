namespace Mds.Operator.Admission;

/// <summary>What the webhook has to be told; see <c>mds-operator run --help</c>.</summary>
internal sealed record AdmissionOptions
{
    /// <summary>The operator's namespace: its Service and Secret are there.</summary>
    public required string Namespace { get; init; }

    /// <summary>The port to listen on with TLS; 0 for any.</summary>
    public int WebhookPort { get; init; } = 10250;

    /// <summary>The Service the API server calls; its names are what the certificate is for.</summary>
    public string WebhookService { get; init; } = "mds-webhook";

    /// <summary>The MutatingWebhookConfiguration that is told the authority.</summary>
    public string WebhookConfiguration { get; init; } = "mds";

    /// <summary>The Secret that keeps the authority.</summary>
    public string AuthoritySecret { get; init; } = "mds-webhook-ca";

    /// <summary>How long to go on answering after the process was told to end.</summary>
    public TimeSpan ShutdownDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The names the API server may call the Service by.</summary>
    public IReadOnlyList<string> DnsNames { get; init; } = [];
}
