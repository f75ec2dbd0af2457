using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

/// <summary>With a control plane of its own, because it is stopped.</summary>
public sealed class ResilienceTests(ControlPlaneFixture controlPlane) : IClassFixture<ControlPlaneFixture>, IAsyncLifetime
{
    private readonly CancellationToken _cancellation = TestContext.Current.CancellationToken;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync() => await Installation.ApplyAsync(controlPlane.Client, _cancellation);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task ApiServer_Restarted_EverythingConverges()
    {
        await using var program = OperatorProcess.Start(controlPlane.Kubeconfig, "restarted");
        await using var before = await EmulatorScenario.StartAsync(controlPlane, "{}");
        var service = await before.UntilAsync(KubeResources.Services);
        await before.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);

        await controlPlane.StopApiServerAsync();
        await controlPlane.StartApiServerAsync(_cancellation);
        await using var after = await EmulatorScenario.StartAsync(controlPlane, "{}");
        await controlPlane.Client.DeleteAsync(
            KubeResources.Services, before.Namespace, EmulatorScenario.ObjectName, cancellationToken: _cancellation);

        await after.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        await after.UntilAsync(KubeResources.Deployments);
        var again = await before.UntilAsync(KubeResources.Services, candidate => KubeJson.UidOf(candidate) != KubeJson.UidOf(service));
        Assert.Equal((string?)service["spec"]!["clusterIP"], (string?)again["spec"]!["clusterIP"]);
        Assert.Equal(0, await program.TerminateAsync(_cancellation));
    }

    [Fact]
    public async Task Operator_KilledMidway_AnotherOneFinishes()
    {
        const int Count = 20;
        await using var first = OperatorProcess.Start(controlPlane.Kubeconfig, "first");
        await using var second = OperatorProcess.Start(controlPlane.Kubeconfig, "second");
        await Eventually.TrueAsync(async () => await HolderAsync() is "first" or "second", "one of them leads", _cancellation);
        var leader = await HolderAsync() == "first" ? first : second;

        var scenarios = await Task.WhenAll(Enumerable.Range(0, Count).Select(_ => EmulatorScenario.StartAsync(controlPlane, "{}")));
        await Eventually.TrueAsync(
            async () => await AnyAsync(scenarios, KubeResources.Services), "the first Service is made", _cancellation);
        await leader.KillAsync(_cancellation);

        foreach (var scenario in scenarios)
        {
            await scenario.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
            await scenario.UntilAsync(KubeResources.Deployments);
            await scenario.DisposeAsync();
        }
    }

    [Fact]
    public async Task Operator_ToldToEnd_GivesTheLeaseBack()
    {
        await using var program = OperatorProcess.Start(controlPlane.Kubeconfig, "polite");
        await Eventually.TrueAsync(async () => await HolderAsync() == "polite", "it leads", _cancellation);

        Assert.Equal(0, await program.TerminateAsync(_cancellation));

        Assert.Equal("", await HolderAsync());
    }

    [Fact]
    public async Task Definition_RefusesWhatAnEarlierOneTook_IsToldByAnEventAndHeals()
    {
        const string Refused = "projects/lab/locations/global/workloadIdentityPools/lab/providers/k8s";
        var client = controlPlane.Client;
        await SetProviderPatternAsync(".*");
        await using var lab = await EmulatorScenario.StartAsync(controlPlane);
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await lab.CreateAsync(Specification(Refused));
                    return true;
                }
                catch (KubeApiException e) when (e.IsInvalid)
                {
                    // The API server takes a changed definition in after a moment.
                    return false;
                }
            },
            "the earlier definition takes it",
            _cancellation);
        await SetProviderPatternAsync(TextFormat.Provider.Pattern);
        await Eventually.TrueAsync(() => RefusedAsync(lab), "the later definition does not", _cancellation);

        await using var program = OperatorProcess.Start(controlPlane.Kubeconfig, "upgraded");
        var warning = await lab.UntilEventAsync(Reasons.SpecInvalid.Name);
        Assert.Contains("workloadIdentity.provider", (string?)warning["message"], StringComparison.Ordinal);

        await lab.PatchSpecAsync(Specification(Refused.Replace("projects/lab", "projects/1", StringComparison.Ordinal)));
        await lab.UntilAsync("ClaimsValid", Reasons.ClaimsAccepted);
        Assert.Equal(0, await program.TerminateAsync(_cancellation));

        static string Specification(string provider) =>
            $$"""{"credentials": [{"account": "default", "workloadIdentity": {"provider": "{{provider}}"} }]}""";

        async Task SetProviderPatternAsync(string pattern)
        {
            var definition = CustomResourceDefinition.Build(cel: false);
            var properties = definition["spec"]!["versions"]![0]!["schema"]!["openAPIV3Schema"]!["properties"]!["spec"]!["properties"]!["credentials"]!["items"]!["properties"]!;
            properties["workloadIdentity"]!["properties"]!["provider"]!["pattern"] = pattern;
            await client.ApplyAsync(KubeResources.CustomResourceDefinitions, definition, "tests", force: true, _cancellation);
        }
    }

    private async Task<bool> RefusedAsync(EmulatorScenario lab)
    {
        try
        {
            await controlPlane.Client.PatchAsync(
                MetadataEmulator.Type, lab.Namespace, EmulatorScenario.Name,
                JsonNode.Parse($$"""{"metadata": {"annotations": {"tried": "{{Guid.NewGuid()}}"} } }""")!.AsObject(), cancellationToken: _cancellation);
            return false;
        }
        catch (KubeApiException e) when (e.IsInvalid)
        {
            return true;
        }
    }

    private static async Task<bool> AnyAsync(IEnumerable<EmulatorScenario> scenarios, ResourceType type)
    {
        foreach (var scenario in scenarios)
        {
            if (await scenario.FindAsync(type) is not null)
            {
                return true;
            }
        }

        return false;
    }

    private async Task<string?> HolderAsync() =>
        (string?)(await controlPlane.Client.FindAsync(KubeResources.Leases, Installation.Namespace, "mds-operator", _cancellation))?["spec"]?["holderIdentity"];
}
