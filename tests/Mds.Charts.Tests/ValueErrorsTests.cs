namespace Mds.Charts.Tests;

public sealed class ValueErrorsTests
{
    [Theory]
    [InlineData("replicas=2", "(root)", "replicas")]
    [InlineData("image.repo=x", "image", "repo")]
    [InlineData("server.image.version=1", "server.image", "version")]
    [InlineData("server.replicas=1", "server", "replicas")]
    [InlineData("webhook.failurepolicy=Fail", "webhook", "failurepolicy")]
    [InlineData("webhook.service.type=x", "webhook.service", "type")]
    [InlineData("webhook.namespaceSelector.matchNames={a}", "webhook.namespaceSelector", "matchNames")]
    [InlineData("serviceAccount.nmae=x", "serviceAccount", "nmae")]
    [InlineData("rbac.enabled=true", "rbac", "enabled")]
    [InlineData("podDisruptionBudget.min=1", "podDisruptionBudget", "min")]
    [InlineData("metrics.enabled=true", "metrics", "enabled")]
    [InlineData("prometheus.enabled=true", "prometheus", "enabled")]
    [InlineData("prometheus.serviceMonitor.every=1m", "prometheus.serviceMonitor", "every")]
    [InlineData("networkPolicy.egress=true", "networkPolicy", "egress")]
    [InlineData("crds.install=true", "crds", "install")]
    [InlineData("updateStrategy.maxSurge=1", "updateStrategy", "maxSurge")]
    [InlineData("imagePullSecrets[0].nam=x", "imagePullSecrets.0", "nam")]
    public async Task Template_UnknownValue_IsRefusedByName(string set, string where, string key)
    {
        var said = (await Helm.RunAsync("template", "mds", Helm.Chart, "--set", set)).Refused();

        Assert.Contains($"{where}: Additional property {key} is not allowed", said);
    }

    [Theory]
    [InlineData("replicaCount=two", "replicaCount")]
    [InlineData("replicaCount=-1", "replicaCount")]
    [InlineData("webhook.port=70000", "webhook.port")]
    [InlineData("webhook.timeoutSeconds=31", "webhook.timeoutSeconds")]
    [InlineData("webhook.failurePolicy=fail", "webhook.failurePolicy")]
    [InlineData("image.pullPolicy=Sometimes", "image.pullPolicy")]
    [InlineData("image.repository=", "image.repository")]
    [InlineData("server.image.digest=latest", "server.image.digest")]
    [InlineData("image.tag=1", "image.tag")]
    [InlineData("imagePullSecrets={name}", "imagePullSecrets.0")]
    [InlineData("logLevel=verbose", "logLevel")]
    [InlineData("hostNetwork=yes", "hostNetwork")]
    [InlineData("podLabels.tier=1", "podLabels.tier")]
    [InlineData("extraArgs=--help", "extraArgs")]
    [InlineData("podDisruptionBudget.minAvailable=half", "podDisruptionBudget.minAvailable")]
    [InlineData("prometheus.serviceMonitor.interval=often", "prometheus.serviceMonitor.interval")]
    [InlineData("fullnameOverride=Mine", "fullnameOverride")]
    [InlineData("crds.keep=maybe", "crds.keep")]
    public async Task Template_WrongTypeOrValue_IsRefusedByName(string set, string where)
    {
        var said = (await Helm.RunAsync("template", "mds", Helm.Chart, "--set", set)).Refused();

        Assert.Contains($"- {where}: ", said);
    }

    [Theory]
    [InlineData(@"podLabels.mds\.inject=true", "podLabels has the label mds.inject")]
    [InlineData(@"commonLabels.mds\.inject=true", "commonLabels has the label mds.inject")]
    [InlineData("podDisruptionBudget.minAvailable=1,podDisruptionBudget.maxUnavailable=1", "set minAvailable or maxUnavailable, not both")]
    [InlineData("serviceAccount.create=false", "serviceAccount.name must say which account")]
    [InlineData("prometheus.serviceMonitor.enabled=true", "the cluster does not know monitoring.coreos.com/v1")]
    public async Task Template_ValuesThatContradict_AreRefusedWithASentence(string set, string sentence)
    {
        // As strings: labels are.
        var flag = set.Contains("Labels", StringComparison.Ordinal) ? "--set-string" : "--set";

        Assert.Contains(sentence, (await Helm.RunAsync("template", "mds", Helm.Chart, flag, set)).Refused());
    }

    [Fact]
    public async Task Template_GlobalValuesOfAParentChart_AreLetThrough()
    {
        (await Helm.RunAsync("template", "mds", Helm.Chart, "--set", "global.storageClass=fast")).Succeeded();
    }
}
