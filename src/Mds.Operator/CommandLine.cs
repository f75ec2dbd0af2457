using System.CommandLine;
using System.Reflection;
using Mds.Operator.Api;
using Mds.Operator.Emulators;
using Mds.Operator.Verification;
using Microsoft.Extensions.Logging;

namespace Mds.Operator;

/// <summary>The command line of <c>mds-operator</c>. Every option can also come from the environment.</summary>
internal static class CommandLine
{
    /// <summary>The version of this program.</summary>
    public static string Version { get; } =
        typeof(CommandLine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary>Reads the arguments and does what they say.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="run">Runs the operator.</param>
    /// <param name="output">Where output goes.</param>
    /// <param name="error">Where errors go, a sentence a line.</param>
    /// <returns>The exit code; 2 for arguments that make no sense.</returns>
    public static async Task<int> InvokeAsync(
        string[] args,
        Func<string, string?> environment,
        Func<OperatorOptions, CancellationToken, Task<int>> run,
        TextWriter output,
        TextWriter error)
    {
        var result = Build(environment, run).Parse(args);
        if (result.Errors.Count == 0)
        {
            // Signals are the host's: it drains before it ends, and takes its time.
            return await result.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
        }

        foreach (var sentence in result.Errors.Select(problem => problem.Message).Distinct())
        {
            await error.WriteLineAsync($"mds-operator: {sentence}");
        }

        await error.WriteLineAsync("mds-operator: the options are listed by 'mds-operator run --help'.");
        return 2;
    }

    /// <summary>Builds the command line.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="run">Runs the operator.</param>
    public static RootCommand Build(Func<string, string?> environment, Func<OperatorOptions, CancellationToken, Task<int>> run)
    {
        var root = new RootCommand(
            "Runs metadata servers for pods from MetadataEmulator resources, and points pods with the label mds.inject=true at them.")
        {
            Run(environment, run),
            Crd(),
            VerifyCommand.Build(TimeProvider.System),
        };
        return root;
    }

    private static Command Crd()
    {
        var withoutCel = new Option<bool>("--without-cel")
        {
            Description = "For API servers before Kubernetes 1.25, which have no rules in the Common Expression Language.",
        };
        var command = new Command("crd", "Prints the CustomResourceDefinition of MetadataEmulator.") { withoutCel };
        command.SetAction(result => result.InvocationConfiguration.Output.Write(
            YamlText.Write(CustomResourceDefinition.Build(cel: !result.GetValue(withoutCel)))));
        return command;
    }

    private static Command Run(Func<string, string?> environment, Func<OperatorOptions, CancellationToken, Task<int>> run)
    {
        var options = new VariableOptions(environment);
        var @namespace = options.Text("--namespace", "The namespace the operator runs in; without it, POD_NAMESPACE or the kubeconfig's.", "");
        var podName = options.Text("--pod-name", "The name of this pod; without it, POD_NAME or the name of the machine.", "");
        var serverImage = options.Text("--server-image", "The image of the metadata server. Must be set.", "");
        var pullPolicy = options.Text("--server-image-pull-policy", "Always, IfNotPresent or Never; without it, Kubernetes' own rule.", "");
        pullPolicy.AcceptOnlyFromAmong("", "Always", "IfNotPresent", "Never");
        var pullSecrets = options.Names(
            "--server-image-pull-secret", "A Secret for pulling the server's image, in the emulators' namespaces. May be given several times.");
        var clusterDomain = options.Text("--cluster-domain", "The domain that the names of Services end in; without it, the one in /etc/resolv.conf.", "");
        var webhookPort = options.Port("--webhook-port", "The port of the webhook.", 10250);
        var webhookService = options.Text("--webhook-service", "The Service the API server reaches the webhook by.", "mds-webhook");
        var webhookConfiguration = options.Text("--webhook-configuration", "The MutatingWebhookConfiguration to keep the caBundle of.", "mds");
        var caSecret = options.Text("--webhook-ca-secret", "The Secret that holds the webhook's certificate authority.", "mds-webhook-ca");
        var lease = options.Text("--lease", "The Lease by which one replica is chosen to reconcile.", "mds-operator");
        var hostNetwork = options.Flag(
            "--host-network", "This pod is in its node's network: servers let everybody read their status then, because no policy can name it.");
        var metricsPort = options.Port("--metrics-port", "The port of /healthz, /readyz and /metrics, plain HTTP.", 8080);
        var shutdownDelay = options.Number("--shutdown-delay", "Seconds to go on answering after being told to end.", 5, 300, "seconds");
        var logLevel = options.Choice("--log-level", "The least important lines that are logged.", LogLevel.Information, "level");
        var kubeconfig = options.Text("--kubeconfig", "The kubeconfig file; without it, the pod's own account, KUBECONFIG or ~/.kube/config.", "");
        var command = new Command("run", "Runs the operator.")
        {
            @namespace, podName, serverImage, pullPolicy, pullSecrets, clusterDomain, webhookPort, webhookService,
            webhookConfiguration, caSecret, lease, hostNetwork, metricsPort, shutdownDelay, logLevel, kubeconfig,
        };
        command.Validators.Add(result =>
        {
            var image = result.GetResult(serverImage) is { } given ? given.GetValueOrDefault<string>() : options.Find("--server-image");
            if (string.IsNullOrEmpty(image))
            {
                result.AddError($"--server-image must be set (or {VariableOptions.NameOf("--server-image")}): the image of the metadata server that emulators run.");
            }
        });
        command.SetAction((result, cancellationToken) => run(
            new OperatorOptions
            {
                Namespace = Given(result.GetValue(@namespace)) ?? environment("POD_NAMESPACE") ?? "",
                PodName = Given(result.GetValue(podName)) ?? environment("POD_NAME") ?? Environment.MachineName,
                ServerImage = result.GetValue(serverImage)!,
                ServerImagePullPolicy = Given(result.GetValue(pullPolicy)),
                ServerImagePullSecrets = [.. result.GetValue(pullSecrets)!],
                ClusterDomain = Given(result.GetValue(clusterDomain)) ?? ClusterDomain.In(ReadOrNothing("/etc/resolv.conf")),
                WebhookPort = result.GetValue(webhookPort),
                WebhookService = result.GetValue(webhookService)!,
                WebhookConfiguration = result.GetValue(webhookConfiguration)!,
                WebhookCaSecret = result.GetValue(caSecret)!,
                Lease = result.GetValue(lease)!,
                HostNetwork = result.GetValue(hostNetwork),
                MetricsPort = result.GetValue(metricsPort),
                ShutdownDelay = TimeSpan.FromSeconds(result.GetValue(shutdownDelay)),
                LogLevel = result.GetValue(logLevel),
                Kubeconfig = Given(result.GetValue(kubeconfig)),
            },
            cancellationToken));
        return command;
    }

    private static string ReadOrNothing(string file) => File.Exists(file) ? File.ReadAllText(file) : "";

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
