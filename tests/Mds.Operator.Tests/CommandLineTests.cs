using Microsoft.Extensions.Logging;

namespace Mds.Operator.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public async Task Run_ServerImageAlone_HasTheDefaults()
    {
        var options = await ParseAsync(["run", "--server-image=image:1"]);

        Assert.Equal("image:1", options.ServerImage);
        Assert.Equal(10250, options.WebhookPort);
        Assert.Equal(8080, options.MetricsPort);
        Assert.Equal("mds-webhook", options.WebhookService);
        Assert.Equal("mds", options.WebhookConfiguration);
        Assert.Equal("mds-webhook-ca", options.WebhookCaSecret);
        Assert.Equal("mds-operator", options.Lease);
        Assert.Equal(TimeSpan.FromSeconds(5), options.ShutdownDelay);
        Assert.Equal(LogLevel.Information, options.LogLevel);
        Assert.Null(options.ServerImagePullPolicy);
        Assert.Empty(options.ServerImagePullSecrets);
    }

    [Fact]
    public async Task Run_EverythingGiven_IsRead()
    {
        var options = await ParseAsync(
            [
                "run", "--namespace=ns", "--pod-name=pod", "--server-image=image", "--server-image-pull-policy=Always",
                "--server-image-pull-secret=a", "--server-image-pull-secret=b", "--webhook-port=1", "--webhook-service=s",
                "--webhook-configuration=c", "--webhook-ca-secret=ca", "--lease=l", "--metrics-port=2", "--shutdown-delay=3",
                "--log-level=debug", "--kubeconfig=k",
            ]);

        Assert.Equal(
            new OperatorOptions
            {
                Namespace = "ns",
                PodName = "pod",
                ServerImage = "image",
                ServerImagePullPolicy = "Always",
                ServerImagePullSecrets = options.ServerImagePullSecrets,
                WebhookPort = 1,
                WebhookService = "s",
                WebhookConfiguration = "c",
                WebhookCaSecret = "ca",
                Lease = "l",
                MetricsPort = 2,
                ShutdownDelay = TimeSpan.FromSeconds(3),
                LogLevel = LogLevel.Debug,
                Kubeconfig = "k",
            },
            options);
        Assert.Equal(["a", "b"], options.ServerImagePullSecrets);
    }

    [Fact]
    public async Task Run_Environment_IsReadAndArgumentsWin()
    {
        var environment = new Dictionary<string, string>
        {
            ["MDS_OPERATOR_SERVER_IMAGE"] = "image",
            ["MDS_OPERATOR_METRICS_PORT"] = "9",
            ["MDS_OPERATOR_LEASE"] = "lease",
            ["MDS_OPERATOR_SERVER_IMAGE_PULL_SECRET"] = "a, b",
            ["MDS_OPERATOR_LOG_LEVEL"] = "Warning",
            ["MDS_OPERATOR_HOST_NETWORK"] = "true",
            ["POD_NAMESPACE"] = "ns",
            ["POD_NAME"] = "pod",
        };

        var options = await ParseAsync(["run", "--lease=argument"], environment);

        Assert.Equal("image", options.ServerImage);
        Assert.Equal(9, options.MetricsPort);
        Assert.Equal("argument", options.Lease);
        Assert.Equal(["a", "b"], options.ServerImagePullSecrets);
        Assert.Equal(LogLevel.Warning, options.LogLevel);
        Assert.True(options.HostNetwork);
        Assert.Equal("ns", options.Namespace);
        Assert.Equal("pod", options.PodName);
    }

    [Theory]
    [InlineData("--server-image must be set (or MDS_OPERATOR_SERVER_IMAGE): the image of the metadata server that emulators run.", "run")]
    [InlineData("--metrics-port must be a whole number from 0 to 65535, and is '80a'.", "run", "--server-image=i", "--metrics-port=80a")]
    [InlineData("--shutdown-delay must be a whole number from 0 to 300, and is '301'.", "run", "--server-image=i", "--shutdown-delay=301")]
    [InlineData("--log-level must be one of Trace, Debug, Information, Warning, Error, Critical, None, and is 'loud'.", "run", "--server-image=i", "--log-level=loud")]
    [InlineData("Unrecognized command or argument '--servers'.", "crd", "--servers")]
    public async Task Run_BadArgument_IsASentenceAndNothingRuns(string sentence, params string[] args)
    {
        using var error = new StringWriter();
        var ran = false;

        var code = await CommandLine.InvokeAsync(
            args,
            _ => null,
            (_, _) =>
            {
                ran = true;
                return Task.FromResult(0);
            },
            TextWriter.Null,
            error);

        Assert.Equal(2, code);
        Assert.False(ran);
        Assert.StartsWith($"mds-operator: {sentence}\n", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("MDS_OPERATOR_WEBHOOK_PORT", "must be a whole number")]
    [InlineData("MDS_OPERATOR_HOST_NETWORK", "must be true or false, and is 'x'.")]
    public async Task Run_BadEnvironment_NamesTheVariable(string variable, string words)
    {
        using var error = new StringWriter();
        var environment = new Dictionary<string, string> { [variable] = "x" };

        var code = await CommandLine.InvokeAsync(
            ["run", "--server-image=i"], environment.GetValueOrDefault, (_, _) => Task.FromResult(0), TextWriter.Null, error);

        Assert.Equal(2, code);
        Assert.Contains($"{variable} {words}", error.ToString(), StringComparison.Ordinal);
    }

    private static async Task<OperatorOptions> ParseAsync(string[] args, Dictionary<string, string>? environment = null)
    {
        using var error = new StringWriter();
        OperatorOptions? parsed = null;
        var code = await CommandLine.InvokeAsync(
            args,
            (environment ?? []).GetValueOrDefault,
            (options, _) =>
            {
                parsed = options;
                return Task.FromResult(0);
            },
            TextWriter.Null,
            error);
        Assert.Equal("", error.ToString());
        Assert.Equal(0, code);
        return parsed!;
    }
}
