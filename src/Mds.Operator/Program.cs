using Mds.Kubernetes;
using Mds.Operator;

return await CommandLine.InvokeAsync(args, Environment.GetEnvironmentVariable, RunAsync, Console.Out, Console.Error);

static async Task<int> RunAsync(OperatorOptions options, CancellationToken cancellationToken)
{
    try
    {
        var cluster = KubeConfig.Load(options.Kubeconfig);
        options = options.Namespace.Length > 0 ? options : options with { Namespace = cluster.Namespace };
        await using var host = OperatorHost.Build(options, cluster);
        await host.RunAsync(cancellationToken);
        return 0;
    }
    catch (KubeConfigException e)
    {
        await Console.Error.WriteLineAsync($"mds-operator: {e.Message}");
        return 1;
    }
    catch (IOException e)
    {
        // Kestrel's sentence names the address that is in use.
        await Console.Error.WriteLineAsync($"mds-operator: {e.Message} Choose other ports with --metrics-port and --webhook-port.");
        return 1;
    }
}
