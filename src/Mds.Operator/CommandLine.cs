using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Reflection;
using Mds.Operator.Api;
using Mds.Operator.Emulators;
using Mds.Operator.Verification;
using Microsoft.Extensions.Logging;

namespace Mds.Operator;

/// <summary>The command line of <c>mds-operator</c>. Every option can also come from the environment.</summary>
internal static class CommandLine
{
    private const string EnvironmentPrefix = "MDS_OPERATOR_";

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
        var @namespace = Text("--namespace", "The namespace the operator runs in; without it, POD_NAMESPACE or the kubeconfig's.", "");
        var podName = Text("--pod-name", "The name of this pod; without it, POD_NAME or the name of the machine.", "");
        var serverImage = Text("--server-image", "The image of the metadata server. Must be set.", "");
        var pullPolicy = Text("--server-image-pull-policy", "Always, IfNotPresent or Never; without it, Kubernetes' own rule.", "");
        pullPolicy.AcceptOnlyFromAmong("", "Always", "IfNotPresent", "Never");
        var pullSecrets = new Option<string[]>("--server-image-pull-secret")
        {
            Description = "A Secret for pulling the server's image, in the emulators' namespaces. May be given several times.",
            HelpName = "name",
            DefaultValueFactory = _ => Variable("--server-image-pull-secret")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [],
        };
        var clusterDomain = Text("--cluster-domain", "The domain that the names of Services end in; without it, the one in /etc/resolv.conf.", "");
        var webhookPort = Port("--webhook-port", "The port of the webhook.", 10250);
        var webhookService = Text("--webhook-service", "The Service the API server reaches the webhook by.", "mds-webhook");
        var webhookConfiguration = Text("--webhook-configuration", "The MutatingWebhookConfiguration to keep the caBundle of.", "mds");
        var caSecret = Text("--webhook-ca-secret", "The Secret that holds the webhook's certificate authority.", "mds-webhook-ca");
        var lease = Text("--lease", "The Lease by which one replica is chosen to reconcile.", "mds-operator");
        var hostNetwork = Flag(
            "--host-network", "This pod is in its node's network: servers let everybody read their status then, because no policy can name it.");
        var metricsPort = Port("--metrics-port", "The port of /healthz, /readyz and /metrics, plain HTTP.", 8080);
        var shutdownDelay = Number("--shutdown-delay", "Seconds to go on answering after being told to end.", 5, 0, 300, "seconds");
        var logLevel = Choice("--log-level", "The least important lines that are logged.", LogLevel.Information);
        var kubeconfig = Text("--kubeconfig", "The kubeconfig file; without it, the pod's own account, KUBECONFIG or ~/.kube/config.", "");
        var command = new Command("run", "Runs the operator.")
        {
            @namespace, podName, serverImage, pullPolicy, pullSecrets, clusterDomain, webhookPort, webhookService,
            webhookConfiguration, caSecret, lease, hostNetwork, metricsPort, shutdownDelay, logLevel, kubeconfig,
        };
        command.Validators.Add(result =>
        {
            var image = result.GetResult(serverImage) is { } given ? given.GetValueOrDefault<string>() : Variable("--server-image");
            if (string.IsNullOrEmpty(image))
            {
                result.AddError($"--server-image must be set (or {VariableName("--server-image")}): the image of the metadata server that emulators run.");
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

        string? Variable(string option) => Given(environment(VariableName(option)));

        Option<string> Text(string name, string description, string otherwise) => new(name)
        {
            Description = description,
            HelpName = "text",
            DefaultValueFactory = _ => Variable(name) ?? otherwise,
        };

        Option<bool> Flag(string name, string description) => new(name)
        {
            Description = description,
            DefaultValueFactory = result =>
            {
                if (Variable(name) is { } text && !bool.TryParse(text, out _))
                {
                    result.AddError($"{VariableName(name)} must be true or false, and is '{text}'.");
                }

                return bool.TryParse(Variable(name), out var given) && given;
            },
        };

        Option<int> Port(string name, string description, int otherwise) => Number(name, description, otherwise, 0, 65535, "port");

        Option<int> Number(string name, string description, int otherwise, int minimum, int maximum, string helpName)
        {
            return new Option<int>(name)
            {
                Description = description,
                HelpName = helpName,
                CustomParser = result => Parse(result.Tokens[0].Value, name, result),
                DefaultValueFactory = result => Variable(name) is { } text ? Parse(text, VariableName(name), result) : otherwise,
            };

            int Parse(string text, string source, SymbolResult result)
            {
                if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum)
                {
                    return value;
                }

                result.AddError($"{source} must be a whole number from {minimum} to {maximum}, and is '{text}'.");
                return otherwise;
            }
        }

        Option<T> Choice<T>(string name, string description, T otherwise)
            where T : struct, Enum
        {
            return new Option<T>(name)
            {
                Description = $"{description} One of {string.Join(", ", Enum.GetNames<T>())}.",
                HelpName = "level",
                CustomParser = result => Parse(result.Tokens[0].Value, name, result),
                DefaultValueFactory = result => Variable(name) is { } text ? Parse(text, VariableName(name), result) : otherwise,
            };

            T Parse(string text, string source, SymbolResult result)
            {
                if (Enum.TryParse<T>(text, ignoreCase: true, out var value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text[0]))
                {
                    return value;
                }

                result.AddError($"{source} must be one of {string.Join(", ", Enum.GetNames<T>())}, and is '{text}'.");
                return otherwise;
            }
        }
    }

    private static string ReadOrNothing(string file) => File.Exists(file) ? File.ReadAllText(file) : "";

    private static string VariableName(string option) =>
        EnvironmentPrefix + option[2..].Replace('-', '_').ToUpperInvariant();

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
