using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;

namespace Mds.Charts.Tests;

/// <summary>The chart against a real API server: nothing runs there, but everything is accepted or not.</summary>
public sealed class InstallationTests(ControlPlaneFixture cluster) : IClassFixture<ControlPlaneFixture>
{
    private static readonly ResourceType s_emulators = new("mds.dev", "v1alpha1", "metadataemulators", "MetadataEmulator");

    [Fact]
    public async Task InstallUpgradeUninstall_RealApiServer_AcceptsEverythingAndLeavesTheDefinition()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var installed = await HelmAsync("install", "mds", Helm.Chart, "--namespace", "mds-system", "--create-namespace");
        Assert.Contains("helm --namespace mds-system test mds", installed.Succeeded());

        // What the operator writes is not the chart's: an upgrade leaves it.
        await FillInAsync(cancellationToken);
        string[] changed = ["--set", "replicaCount=3,networkPolicy.enabled=true"];
        (await HelmAsync(["upgrade", "mds", Helm.Chart, "--namespace", "mds-system", .. changed])).Succeeded();
        var secret = await cluster.Client.GetAsync(KubeResources.Secrets, "mds-system", "mds-webhook-ca", cancellationToken);
        Assert.Equal("QQ==", (string)secret["data"]!["ca.crt"]!);
        var lease = await cluster.Client.GetAsync(KubeResources.Leases, "mds-system", "mds-operator", cancellationToken);
        Assert.Equal("someone", (string)lease["spec"]!["holderIdentity"]!);
        var webhook = await cluster.Client.GetAsync(KubeResources.MutatingWebhookConfigurations, null, "mds", cancellationToken);
        Assert.Equal("QQ==", (string)webhook["webhooks"]![0]!["clientConfig"]!["caBundle"]!);
        Assert.Equal("mds.dev", (string)(await DefinitionAsync(cancellationToken))!["spec"]!["group"]!);

        foreach (var emulator in SampleEmulators())
        {
            await cluster.Client.ApplyAsync(s_emulators, emulator, "tests", cancellationToken: cancellationToken);
        }

        (await HelmAsync("uninstall", "mds", "--namespace", "mds-system")).Succeeded();
        Assert.NotNull(await DefinitionAsync(cancellationToken));
        Assert.NotNull(await cluster.Client.FindAsync(s_emulators, "default", "default", cancellationToken));
        Assert.Null(await cluster.Client.FindAsync(KubeResources.MutatingWebhookConfigurations, null, "mds", cancellationToken));
        foreach (var (type, name) in new[]
        {
            (KubeResources.Secrets, "mds-webhook-ca"), (KubeResources.Leases, "mds-operator"), (KubeResources.Deployments, "mds-operator"),
            (KubeResources.Services, "mds-webhook"), (KubeResources.ServiceAccounts, "mds-operator"), (KubeResources.NetworkPolicies, "mds-operator"),
        })
        {
            Assert.Null(await cluster.Client.FindAsync(type, "mds-system", name, cancellationToken));
        }

        // The definition is still there, and installing again takes it over.
        (await HelmAsync("install", "mds", Helm.Chart, "--namespace", "mds-system")).Succeeded();
        (await HelmAsync("uninstall", "mds", "--namespace", "mds-system")).Succeeded();
    }

    [Fact]
    public async Task Install_EveryValueSet_IsAccepted()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var @namespace = await cluster.CreateNamespaceAsync(cancellationToken);
        string[] values =
        [
            "--values", Path.Combine(Helm.Chart, "ci", "full-values.yaml"),
            "--set", $"namespaceOverride={@namespace},prometheus.serviceMonitor.enabled=false,crds.enabled=false",
        ];

        var output = await HelmAsync(["install", "full", Helm.Chart, "--namespace", @namespace, .. values]);

        Assert.Contains("WARNING: webhook.failurePolicy is Ignore", output.Succeeded());
        Assert.NotNull(await cluster.Client.FindAsync(KubeResources.Deployments, @namespace, "metadata-operator", cancellationToken));
        (await HelmAsync("uninstall", "full", "--namespace", @namespace)).Succeeded();
    }

    private static IEnumerable<JsonObject> SampleEmulators() =>
        from file in new[] { "emulator.yaml", "emulator-key.yaml", "emulator-shared.yaml" }
        from manifest in Manifest.ParseAll(Repository.Read($"deploy/{file}"))
        where manifest.Kind == s_emulators.Kind
        select manifest.Content;

    private Task<Helm.Output> HelmAsync(params IEnumerable<string> arguments) => Helm.RunAsync([.. arguments, "--kubeconfig", cluster.Kubeconfig]);

    private Task<JsonObject?> DefinitionAsync(CancellationToken cancellationToken) =>
        cluster.Client.FindAsync(KubeResources.CustomResourceDefinitions, null, "metadataemulators.mds.dev", cancellationToken);

    /// <summary>Writes what the operator writes, where it writes it.</summary>
    private async Task FillInAsync(CancellationToken cancellationToken)
    {
        var client = cluster.Client;
        var secret = await client.GetAsync(KubeResources.Secrets, "mds-system", "mds-webhook-ca", cancellationToken);
        secret["data"] = new JsonObject { ["ca.crt"] = "QQ==" };
        await client.ReplaceAsync(KubeResources.Secrets, secret, cancellationToken: cancellationToken);
        var lease = await client.GetAsync(KubeResources.Leases, "mds-system", "mds-operator", cancellationToken);
        lease["spec"] = new JsonObject { ["holderIdentity"] = "someone" };
        await client.ReplaceAsync(KubeResources.Leases, lease, cancellationToken: cancellationToken);
        var webhook = await client.GetAsync(KubeResources.MutatingWebhookConfigurations, null, "mds", cancellationToken);
        webhook["webhooks"]![0]!["clientConfig"]!["caBundle"] = "QQ==";
        await client.ReplaceAsync(KubeResources.MutatingWebhookConfigurations, webhook, cancellationToken: cancellationToken);
    }
}
