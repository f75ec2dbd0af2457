using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests.Cluster;

public sealed class SchemaTests(ControlPlaneFixture controlPlane, OperatorFixture @operator) : IAsyncLifetime
{
    /// <inheritdoc/>
    public ValueTask InitializeAsync() => @operator.StartAsync(controlPlane);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("""{"mode": "Fleet"}""", "spec.mode")]
    [InlineData("""{"flavor": "AWS"}""", "spec.flavor")]
    [InlineData("""{"claims": {}, "claimsFrom": {"configMapKeyRef": {"name": "a", "key": "b"}}}""", "spec")]
    [InlineData("""{"claims": "text"}""", "spec.claims")]
    [InlineData("""{"credentials": [{"local": {}}]}""", "spec.credentials.account")]
    [InlineData("""{"credentials": [{"account": "me", "local": {}}]}""", "spec.credentials.account")]
    [InlineData("""{"credentials": [{"account": "default"}]}""", "spec.credentials")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}, "static": {}}]}""", "spec.credentials")]
    [InlineData("""{"credentials": [{"account": "default", "local": {}}, {"account": "default", "local": {}}]}""", "Duplicate")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "a"}}}]}""", "spec.credentials.serviceAccountKey.secretKeyRef.key")]
    [InlineData("""{"credentials": [{"account": "default", "serviceAccountKey": {"secretKeyRef": {"name": "A/B", "key": "c"}}}]}""", "spec.credentials.serviceAccountKey.secretKeyRef.name")]
    [InlineData("""{"claimsFrom": {"configMapKeyRef": {"name": "", "key": "c"}}}""", "spec.claimsFrom.configMapKeyRef.name")]
    [InlineData("""{"deployment": {"replicas": -1}}""", "spec.deployment.replicas")]
    [InlineData("""{"access": {"namespaces": ["Not A Namespace"]}}""", "spec.access.namespaces")]
    public async Task Create_BadSpec_IsRefusedByTheApiServer(string spec, string path)
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane);

        var refusal = await Assert.ThrowsAsync<KubeApiException>(() => lab.CreateAsync(spec));

        Assert.True(refusal.IsInvalid, refusal.Message);
        Assert.Contains(path, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_EmptySpec_GetsTheDefaults()
    {
        await using var lab = await EmulatorScenario.StartAsync(controlPlane, "{}");

        var raw = (await lab.ReadAsync()).Raw;

        Assert.Equal("Deployment", (string?)raw["spec"]!["mode"]);
        Assert.Equal("GCE", (string?)raw["spec"]!["flavor"]);
        Assert.Equal(2, (int)raw["spec"]!["deployment"]!["replicas"]!);
        Assert.True((bool)raw["spec"]!["access"]!["networkPolicy"]!);
        Assert.True((bool)raw["spec"]!["injection"]!["env"]!);
    }

    [Fact]
    public async Task Create_ValuesThatAreNothing_AreTaken()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane,
            """
            {"deployment": {"replicas": 0}, "access": {"networkPolicy": false, "namespaces": []}, "injection": {"env": false},
             "credentials": [], "claims": {}}
            """);

        Assert.Equal(0, (await lab.ReadAsync()).Replicas);
        await lab.UntilAsync("Available", Reasons.ScaledToZero);
    }

    [Fact]
    public async Task Create_ClaimsOfAnyShape_AreKeptExactly()
    {
        await using var lab = await EmulatorScenario.StartAsync(
            controlPlane, """{"claims": {"instance": {"id": 9223372036854775807}, "my-own": {"a": [1, {"b": null}], "c": 1.5}}}""");

        var claims = (await lab.ReadAsync()).Claims;

        Assert.Equal("9223372036854775807", claims["instance"]!["id"]!.ToJsonString());
        Assert.Equal("""{"a":[1,{"b":null}],"c":1.5}""", claims["my-own"]!.ToJsonString());
    }
}
