using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Certificates;
using Mds.Operator.Tests.Admission;

namespace Mds.Operator.Tests.Certificates;

/// <summary>A Secret and a MutatingWebhookConfiguration with optimistic locking, shared by replicas.</summary>
internal sealed class FakeCluster : ICertificateStore
{
    private int _version;

    public event Action? Changed;

    public JsonObject? Secret { get; private set; }

    public JsonObject? Configuration { get; private set; } = JsonNode.Parse("""
        {"metadata":{"name":"mds","uid":"1","future":true},"webhooks":[
          {"name":"pods.mds.dev","future":{"a":1},"clientConfig":{"service":{"name":"mds-webhook","namespace":"mds"},"future":2}},
          {"name":"other.mds.dev","clientConfig":{"url":"https://localhost"}}]}
        """)!.AsObject();

    /// <summary>What every write runs into; null for success.</summary>
    public Exception? Trouble { get; set; }

    public int Writes { get; private set; }

    public void SetSecret(JsonObject? secret)
    {
        Secret = secret?.DeepClone().AsObject();
        if (Secret is not null)
        {
            Secret["metadata"]!["resourceVersion"] = $"{++_version}";
        }

        Changed?.Invoke();
    }

    public void SetConfiguration(JsonObject? configuration)
    {
        Configuration = configuration?.DeepClone().AsObject();
        Changed?.Invoke();
    }

    public Task RunAsync(CancellationToken cancellationToken) =>
        Task.Delay(Timeout.Infinite, cancellationToken).ContinueWith(_ => { }, TaskScheduler.Default);

    public Task WaitForSyncAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task WriteSecretAsync(JsonObject secret, CancellationToken cancellationToken)
    {
        Write();
        if (KubeJson.ResourceVersionOf(secret) != (Secret is null ? "" : KubeJson.ResourceVersionOf(Secret)))
        {
            throw new HttpRequestException("somebody else wrote first");
        }

        SetSecret(secret);
        return Task.CompletedTask;
    }

    public Task<JsonObject> PatchConfigurationAsync(JsonArray patch, CancellationToken cancellationToken)
    {
        Write();
        var adds = patch.Where(operation => (string?)operation!["op"] != "test").Select(operation => operation!.DeepClone());
        SetConfiguration(AddPatchApplier.Apply(Configuration!, new JsonArray([.. adds])));
        return Task.FromResult(Configuration!);
    }

    private void Write()
    {
        Writes++;
        if (Trouble is not null)
        {
            throw Trouble;
        }
    }
}
