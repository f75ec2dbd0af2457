using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class WorkloadTests
{
    [Theory]
    [InlineData("Deployment")]
    [InlineData("Pod")]
    public async Task Pods_ByDefault_SatisfyTheRestrictedStandard(string kind)
    {
        var spec = PodOf((await Helm.TemplateAsync("1.36")).Single(o => o.Kind == kind));

        Assert.True((bool)spec["securityContext"]!["runAsNonRoot"]!);
        Assert.NotEqual(0, (int)spec["securityContext"]!["runAsUser"]!);
        Assert.Equal("RuntimeDefault", (string)spec["securityContext"]!["seccompProfile"]!["type"]!);
        Assert.Null(spec["hostNetwork"]);
        Assert.All(spec["containers"]!.AsArray(), container =>
        {
            var context = container!["securityContext"]!;
            Assert.False((bool)context["allowPrivilegeEscalation"]!);
            Assert.True((bool)context["readOnlyRootFilesystem"]!);
            Assert.Equal("""["ALL"]""", context["capabilities"]!["drop"]!.ToJsonString());
            Assert.NotNull(container["resources"]!["limits"]!["memory"]);
        });
    }

    [Fact]
    public async Task Deployment_ByDefault_NeverHasFewerOperatorsThanBefore()
    {
        var objects = await Helm.TemplateAsync("1.36");
        var spec = objects.Single(o => o.Kind == "Deployment")["spec"];

        Assert.Equal(2, (int)spec["replicas"]!);
        Assert.Equal("""{"maxSurge":1,"maxUnavailable":0}""", Sorted(spec["strategy"]!["rollingUpdate"]!));
        Assert.Equal(1, (int)objects.Single(o => o.Kind == "PodDisruptionBudget")["spec"]["maxUnavailable"]!);
    }

    [Fact]
    public async Task Objects_ThatTheOperatorIsToldOf_AreThere()
    {
        var objects = await Helm.TemplateAsync("1.36", "--set", "fullnameOverride=other");
        var arguments = PodOf(objects.Single(o => o.Kind == "Deployment"))["containers"]![0]!["args"]!.AsArray()
            .Select(argument => ((string)argument!).Split('=', 2)).Where(pair => pair.Length == 2).ToDictionary(pair => pair[0], pair => pair[1]);

        Assert.Contains(objects, o => o.Kind == "Service" && o.Name == arguments["--webhook-service"]);
        Assert.Contains(objects, o => o.Kind == "MutatingWebhookConfiguration" && o.Name == arguments["--webhook-configuration"]);
        Assert.Contains(objects, o => o.Kind == "Secret" && o.Name == arguments["--webhook-ca-secret"]);
        Assert.Contains(objects, o => o.Kind == "Lease" && o.Name == arguments["--lease"]);
        var client = objects.Single(o => o.Kind == "MutatingWebhookConfiguration")["webhooks"][0]!["clientConfig"]!;
        Assert.Equal(arguments["--webhook-service"], (string)client["service"]!["name"]!);
    }

    [Theory]
    [InlineData("hostNetwork=true", true)]
    [InlineData("hostNetwork=false", false)]
    public async Task Operator_InItsNodesNetwork_IsToldSo(string set, bool hostNetwork)
    {
        var pod = PodOf((await Helm.TemplateAsync("1.36", "--set", set)).Single(o => o.Kind == "Deployment"));

        Assert.Equal(hostNetwork, pod["containers"]![0]!["args"]!.AsArray().Any(argument => (string)argument! == "--host-network"));
        Assert.Equal(hostNetwork, (bool?)pod["hostNetwork"] ?? false);
    }

    [Theory]
    [InlineData("", "localhost/mds-operator:0.1.0")]
    [InlineData("image.tag=2.0.0", "localhost/mds-operator:2.0.0")]
    [InlineData("global.imageRegistry=mirror.example:5000", "mirror.example:5000/mds-operator:0.1.0")]
    [InlineData("image.registry=", "mds-operator:0.1.0")]
    public async Task Image_FromItsParts_IsWhole(string set, string expected)
    {
        var objects = await Helm.TemplateAsync("1.36", "--set", set);

        Assert.Equal(expected, (string)PodOf(objects.Single(o => o.Kind == "Deployment"))["containers"]![0]!["image"]!);
    }

    [Fact]
    public async Task HostNetwork_Set_KeepsClusterNames()
    {
        var spec = PodOf((await Helm.TemplateAsync("1.36", "--set", "hostNetwork=true")).Single(o => o.Kind == "Deployment"));

        Assert.True((bool)spec["hostNetwork"]!);
        Assert.Equal("ClusterFirstWithHostNet", (string)spec["dnsPolicy"]!);
    }

    private static JsonNode PodOf(Manifest workload) => workload.Kind == "Pod" ? workload["spec"] : workload["spec"]["template"]!["spec"]!;

    private static string Sorted(JsonNode node) =>
        new JsonObject(node.AsObject().OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => KeyValuePair.Create(pair.Key, pair.Value?.DeepClone()))).ToJsonString();
}
