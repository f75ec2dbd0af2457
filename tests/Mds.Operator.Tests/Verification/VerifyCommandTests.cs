using System.CommandLine;
using Mds.Operator.Verification;

namespace Mds.Operator.Tests.Verification;

public sealed class VerifyCommandTests
{
    [Fact]
    public async Task Verify_WebhookThatStartsToWork_IsTriedUntilItDoes()
    {
        await using var cluster = await FakeCluster.StartAsync();
        var asked = 0;
        var works = cluster.Answer;
        cluster.Answer = request => ++asked < 2 ? FakeCluster.Response(request, allowed: false, "Not ready yet.") : works(request);

        var (code, output, error) = await InvokeAsync(cluster, "--timeout", "60");

        Assert.Equal((0, 2), (code, asked));
        Assert.StartsWith("The webhook answers at", output);
        Assert.Empty(error);
    }

    [Fact]
    public async Task Verify_TimeoutOfZero_TriesOnceAndSaysWhatIsWrong()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Installed = false;

        var (code, output, error) = await InvokeAsync(cluster, "--timeout", "0");

        Assert.Equal(1, code);
        Assert.Empty(output);
        Assert.Equal("mds-operator verify: There is no MutatingWebhookConfiguration mds: install the chart.\n", error);
    }

    [Fact]
    public async Task Verify_KubeconfigMissing_SaysSo()
    {
        var (code, _, error) = await InvokeAsync("--kubeconfig", "/there/is/no/such/file");

        Assert.Equal(1, code);
        Assert.Contains("/there/is/no/such/file", error);
    }

    private static async Task<(int Code, string Output, string Error)> InvokeAsync(FakeCluster cluster, params string[] arguments)
    {
        var kubeconfig = Path.GetTempFileName();
        try
        {
            using var client = cluster.Client();
            await File.WriteAllTextAsync(
                kubeconfig,
                $$$"""
                apiVersion: v1
                kind: Config
                current-context: fake
                contexts: [{name: fake, context: {cluster: fake, user: nobody}}]
                clusters: [{name: fake, cluster: {server: "{{{client.Config.Server}}}"}}]
                users: [{name: nobody, user: {}}]
                """);
            return await InvokeAsync([.. arguments, "--kubeconfig", kubeconfig]);
        }
        finally
        {
            File.Delete(kubeconfig);
        }
    }

    private static async Task<(int Code, string Output, string Error)> InvokeAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var code = await VerifyCommand.Build(TimeProvider.System).Parse(arguments)
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }
}
