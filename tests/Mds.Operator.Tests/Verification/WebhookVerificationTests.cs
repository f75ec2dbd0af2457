using System.Text.Json.Nodes;
using Mds.Operator.Verification;

namespace Mds.Operator.Tests.Verification;

public sealed class WebhookVerificationTests
{
    [Fact]
    public async Task VerifyAsync_WebhookThatRefusesTheMissingEmulator_Succeeds()
    {
        await using var cluster = await FakeCluster.StartAsync();

        var sentence = await VerifyAsync(cluster);

        Assert.Contains("answers at mds-webhook.mds-system.svc", sentence);
        Assert.Contains(WebhookVerification.MissingEmulator, sentence);
    }

    [Fact]
    public async Task VerifyAsync_Question_IsAboutALabelledPodAndADryRun()
    {
        await using var cluster = await FakeCluster.StartAsync();

        await VerifyAsync(cluster);

        var request = cluster.LastRequest!;
        Assert.Equal("CREATE", (string)request["operation"]!);
        Assert.True((bool)request["dryRun"]!);
        Assert.Equal("true", (string)request["object"]!["metadata"]!["labels"]!["mds.inject"]!);
        Assert.Equal("mds-system", (string)request["namespace"]!);
    }

    [Fact]
    public async Task VerifyAsync_PodAdmitted_Fails()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Answer = request => FakeCluster.Response(request, allowed: true, "");

        Assert.Contains("pods would start without their emulator", await FailureAsync(cluster));
    }

    [Fact]
    public async Task VerifyAsync_RefusedForSomethingElse_SaysForWhat()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Answer = request => FakeCluster.Response(request, allowed: false, "The API server is away.");

        Assert.Contains("The API server is away.", await FailureAsync(cluster));
    }

    [Fact]
    public async Task VerifyAsync_AnswerToAnotherQuestion_Fails()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Answer = _ => new JsonObject { ["kind"] = "Greeting" };

        Assert.Contains("not the AdmissionReview it was asked for", await FailureAsync(cluster));
    }

    [Fact]
    public async Task VerifyAsync_CertificateOfAnotherAuthority_Fails()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.CaBundle = FakeCluster.NewAuthority();

        Assert.Contains("not one the registered caBundle vouches for", await FailureAsync(cluster));
        Assert.Null(cluster.LastRequest);
    }

    [Fact]
    public async Task VerifyAsync_CertificateForAnotherName_Fails()
    {
        await using var cluster = await FakeCluster.StartAsync(host: "mds-webhook.elsewhere.svc");

        Assert.Contains("not one the registered caBundle vouches for", await FailureAsync(cluster));
        Assert.Null(cluster.LastRequest);
    }

    [Theory]
    [InlineData("", "has no caBundle yet")]
    [InlineData("%%%", "holds no PEM certificates")]
    public async Task VerifyAsync_CaBundleUnusable_SaysSo(string caBundle, string sentence)
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.CaBundle = caBundle;

        Assert.Contains(sentence, await FailureAsync(cluster));
    }

    [Fact]
    public async Task VerifyAsync_NotInstalled_SaysToInstall()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Installed = false;

        Assert.Equal("There is no MutatingWebhookConfiguration mds: install the chart.", await FailureAsync(cluster));
    }

    [Fact]
    public async Task VerifyAsync_ServiceWithoutAddress_SaysSo()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.ClusterIp = "None";

        Assert.Contains("has no cluster IP", await FailureAsync(cluster));
    }

    private static async Task<string> FailureAsync(FakeCluster cluster) =>
        (await Assert.ThrowsAsync<VerificationException>(() => VerifyAsync(cluster))).Message;

    private static async Task<string> VerifyAsync(FakeCluster cluster)
    {
        using var client = cluster.Client();
        return await new WebhookVerification(client).VerifyAsync("mds", TestContext.Current.CancellationToken);
    }
}
