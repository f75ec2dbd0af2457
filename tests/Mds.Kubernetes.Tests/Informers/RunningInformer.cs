namespace Mds.Kubernetes.Tests.Informers;

/// <summary>An informer that runs until the test is over.</summary>
internal sealed class RunningInformer : IAsyncDisposable
{
    private readonly CancellationTokenSource _ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
    private readonly KubeClient _client;
    private readonly Task _running;

    public RunningInformer(KubeConfig config, ResourceType type, InformerOptions options)
    {
        _client = new KubeClient(config);
        Informer = new Informer(_client, type, options);
        Informer.AddHandler(Changes.Add);
        _running = Informer.RunAsync(_ending.Token);
    }

    public Informer Informer { get; }

    public Changes Changes { get; } = new();

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _running;
        _client.Dispose();
        _ending.Dispose();
    }
}
