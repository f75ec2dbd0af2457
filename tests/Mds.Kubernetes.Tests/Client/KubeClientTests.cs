using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using ControlPlane;

namespace Mds.Kubernetes.Tests.Client;

public sealed class KubeClientTests(ControlPlaneFixture controlPlane)
{
    private static readonly ResourceType ConfigMaps = KubeResources.ConfigMaps;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private KubeClient Client => controlPlane.Client;

    [Fact]
    public async Task CreateAsync_NewObject_CanBeReadAndIsStoredWhole()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);

        var created = await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("k", "ä \u0001 €")), cancellationToken: Ct);
        var read = await Client.GetAsync(ConfigMaps, ns, "a", Ct);

        Assert.True(JsonNode.DeepEquals(created, read));
        Assert.Equal("ä \u0001 €", Objects.Datum(read, "k"));
        Assert.Equal(("a", ns), (KubeJson.NameOf(read), KubeJson.NamespaceOf(read)));
        Assert.NotEqual("", KubeJson.UidOf(read));
    }

    [Fact]
    public async Task CreateAsync_ExistingObject_IsAlreadyExists()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a"), cancellationToken: Ct);

        var error = await Assert.ThrowsAsync<KubeApiException>(
            () => Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a"), cancellationToken: Ct));

        Assert.True(error.IsAlreadyExists);
        Assert.False(error.IsConflict);
        Assert.Equal($"POST /api/v1/namespaces/{ns}/configmaps was answered with 409: configmaps \"a\" already exists", error.Message);
    }

    [Fact]
    public async Task FindAsync_NoSuchObjectOrType_IsNull()
    {
        Assert.Null(await Client.FindAsync(ConfigMaps, "default", "nothing", Ct));
        Assert.Null(await Client.FindAsync(new ResourceType("nothing.example", "v1", "things", "Thing"), "default", "nothing", Ct));
    }

    [Fact]
    public async Task GetAsync_NoSuchObject_CarriesTheStatus()
    {
        var error = await Assert.ThrowsAsync<KubeApiException>(() => Client.GetAsync(ConfigMaps, "default", "nothing", Ct));

        Assert.True(error.IsNotFound);
        Assert.Equal((404, "NotFound"), (error.Code, error.Reason));
        Assert.Equal("nothing", KubeJson.TextOf(error.Details?["name"]));
    }

    [Fact]
    public async Task ListAsync_WithLimit_PagesThroughAll()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        for (var i = 0; i < 5; i++)
        {
            await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, $"m{i}"), cancellationToken: Ct);
        }

        var names = new List<string>();
        var sizes = new List<int>();
        string? next = null;
        do
        {
            var page = await Client.ListAsync(ConfigMaps, ns, new ListOptions { Limit = 2, Continue = next }, Ct);
            names.AddRange(page.Items.Select(KubeJson.NameOf));
            sizes.Add(page.Items.Count);
            next = page.Continue;
        }
        while (next is not null);

        Assert.Equal(["m0", "m1", "m2", "m3", "m4"], names);
        Assert.Equal([2, 2, 1], sizes);
    }

    [Fact]
    public async Task ListAsync_WithSelectors_ReturnsWhatMatchesWithKind()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a").Labelled("tier", "one"), cancellationToken: Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "b").Labelled("tier", "two"), cancellationToken: Ct);

        var labelled = await Client.ListAsync(ConfigMaps, ns, new ListOptions { LabelSelector = "tier in (two)" }, Ct);
        var named = await Client.ListAsync(ConfigMaps, null, new ListOptions { FieldSelector = $"metadata.namespace={ns},metadata.name=a" }, Ct);

        var only = Assert.Single(labelled.Items);
        Assert.Equal(("b", "ConfigMap", "v1"), (KubeJson.NameOf(only), KubeJson.TextOf(only["kind"]), KubeJson.TextOf(only["apiVersion"])));
        Assert.Equal("a", KubeJson.NameOf(Assert.Single(named.Items)));
    }

    [Fact]
    public async Task ApplyAsync_Twice_OwnsExactlyWhatWasAppliedLast()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1"), ("y", "1")), "one", cancellationToken: Ct);
        await Client.PatchAsync(ConfigMaps, ns, "a", new JsonObject { ["data"] = new JsonObject { ["other"] = "kept" } }, cancellationToken: Ct);

        var applied = await Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "2")), "one", cancellationToken: Ct);

        Assert.Equal("""{"other":"kept","x":"2"}""", applied["data"]!.ToJsonString());
    }

    [Fact]
    public async Task ApplyAsync_FieldOfAnotherManager_IsAConflictUnlessForced()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1")), "one", cancellationToken: Ct);

        var error = await Assert.ThrowsAsync<KubeApiException>(
            () => Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "2")), "two", cancellationToken: Ct));
        var forced = await Client.ApplyAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "2")), "two", force: true, Ct);

        Assert.True(error.IsConflict);
        Assert.Equal(".data.x", KubeJson.TextOf(error.Details?["causes"]?[0]?["field"]));
        Assert.Equal("2", Objects.Datum(forced, "x"));
    }

    [Fact]
    public async Task ApplyStatusAsync_Status_ChangesOnlyTheStatus()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var service = JsonNode.Parse($$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"namespace":"{{{ns}}}","name":"a"},"spec":{"ports":[{"port":80}]}}
            """)!.AsObject();
        await Client.CreateAsync(KubeResources.Services, service, cancellationToken: Ct);
        var status = JsonNode.Parse($$$"""
            {"apiVersion":"v1","kind":"Service","metadata":{"namespace":"{{{ns}}}","name":"a"},
             "spec":{"externalName":"ignored"},"status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"}]} } }
            """)!.AsObject();

        var applied = await Client.ApplyStatusAsync(KubeResources.Services, status, "one", force: true, Ct);

        Assert.Equal("192.0.2.1", KubeJson.TextOf(applied["status"]?["loadBalancer"]?["ingress"]?[0]?["ip"]));
        Assert.Null(applied["spec"]?["externalName"]);
    }

    [Fact]
    public async Task PatchAsync_MergePatch_ChangesAndRemoves()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1"), ("y", "1")), cancellationToken: Ct);

        var patched = await Client.PatchAsync(
            ConfigMaps, ns, "a", new JsonObject { ["data"] = new JsonObject { ["x"] = "2", ["y"] = null } }, cancellationToken: Ct);

        Assert.Equal("""{"x":"2"}""", patched["data"]!.ToJsonString());
    }

    [Fact]
    public async Task PatchAsync_JsonPatchWhoseTestFails_IsInvalidAndChangesNothing()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1")), cancellationToken: Ct);
        JsonArray Patch(string expected) =>
        [
            new JsonObject { ["op"] = "test", ["path"] = "/data/x", ["value"] = expected },
            new JsonObject { ["op"] = "replace", ["path"] = "/data/x", ["value"] = "2" },
        ];

        var error = await Assert.ThrowsAsync<KubeApiException>(
            () => Client.PatchAsync(ConfigMaps, ns, "a", Patch("other"), cancellationToken: Ct));
        var unchanged = await Client.GetAsync(ConfigMaps, ns, "a", Ct);
        var changed = await Client.PatchAsync(ConfigMaps, ns, "a", Patch("1"), cancellationToken: Ct);

        Assert.True(error.IsInvalid);
        Assert.Equal("1", Objects.Datum(unchanged, "x"));
        Assert.Equal("2", Objects.Datum(changed, "x"));
    }

    [Fact]
    public async Task ReplaceAsync_OutdatedVersion_IsAConflict()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var read = await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a", ("x", "1")), cancellationToken: Ct);
        read["data"]!["x"] = "2";
        var replaced = await Client.ReplaceAsync(ConfigMaps, read, cancellationToken: Ct);

        var error = await Assert.ThrowsAsync<KubeApiException>(() => Client.ReplaceAsync(ConfigMaps, read, cancellationToken: Ct));

        Assert.Equal("2", Objects.Datum(replaced, "x"));
        Assert.True(error.IsConflict);
    }

    [Fact]
    public async Task DeleteAsync_PreconditionOfAnotherUid_IsAConflict()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var created = await Client.CreateAsync(ConfigMaps, Objects.ConfigMap(ns, "a"), cancellationToken: Ct);

        var error = await Assert.ThrowsAsync<KubeApiException>(
            () => Client.DeleteAsync(ConfigMaps, ns, "a", new DeleteOptions { PreconditionUid = "other" }, Ct));
        var first = await Client.DeleteAsync(ConfigMaps, ns, "a", new DeleteOptions { PreconditionUid = KubeJson.UidOf(created) }, Ct);
        var second = await Client.DeleteAsync(ConfigMaps, ns, "a", cancellationToken: Ct);

        Assert.True(error.IsConflict);
        Assert.True(first);
        Assert.False(second);
        Assert.Null(await Client.FindAsync(ConfigMaps, ns, "a", Ct));
    }

    [Fact]
    public async Task HasResourceAsync_ServedAndNot_TellsByVersion()
    {
        Assert.True(await Client.HasResourceAsync(KubeResources.Pods, Ct));
        Assert.True(await Client.HasResourceAsync(KubeResources.Leases, Ct));
        Assert.False(await Client.HasResourceAsync(KubeResources.Pods with { Plural = "nothings" }, Ct));
        Assert.True(await Client.ServesAsync("apps", "v1", Ct));
        Assert.False(await Client.ServesAsync("apps", "v99", Ct));
        Assert.True(await Client.ServesAsync("", "v1", Ct));
    }

    [Fact]
    public async Task ServiceAccountToken_WithoutRights_IsForbiddenAndNoMessageShowsIt()
    {
        var ns = await controlPlane.CreateNamespaceAsync(Ct);
        var config = await controlPlane.ServiceAccountAsync(ns, "someone", Ct);
        using var client = new KubeClient(config);

        var error = await Assert.ThrowsAsync<KubeApiException>(() => client.GetAsync(KubeResources.Secrets, ns, "a", Ct));

        Assert.True(error.IsForbidden);
        Assert.Contains($"system:serviceaccount:{ns}:someone", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impersonating_AUserWithoutRights_IsForbiddenAsThatUser()
    {
        using var client = new KubeClient(controlPlane.Config.Impersonating("jane", "testers"));

        var error = await Assert.ThrowsAsync<KubeApiException>(() => client.ListAsync(KubeResources.Nodes, cancellationToken: Ct));

        Assert.True(error.IsForbidden);
        Assert.Contains("\"jane\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_NobodyListens_SaysWhatWasAskedAndWhy()
    {
        await using var relay = controlPlane.CreateRelay();
        var config = KubeConfig.FromFiles(controlPlane.KubeconfigFor("admin", ["system:masters"], relay));
        await relay.DisposeAsync();
        using var client = new KubeClient(config);

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(ConfigMaps, "default", "a", Ct));

        Assert.Equal("GET /api/v1/namespaces/default/configmaps/a failed: Connection refused", error.Message);
    }

    [Fact]
    public async Task GetAsync_ServerOfAnotherAuthority_IsRefused()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var stranger = new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddHours(1));
        using var byStranger = new KubeClient(controlPlane.Config with { CertificateAuthorities = [stranger] });
        using var byMachine = new KubeClient(controlPlane.Config with { CertificateAuthorities = null });

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => byStranger.GetAsync(ConfigMaps, "default", "a", Ct));
        await Assert.ThrowsAsync<HttpRequestException>(() => byMachine.GetAsync(ConfigMaps, "default", "a", Ct));

        Assert.Equal(
            "GET /api/v1/namespaces/default/configmaps/a failed: The server's certificate 'CN=kube-apiserver' is not trusted: PartialChain.",
            error.Message);
    }

    [Fact]
    public async Task GetAsync_ServerOfAnotherName_IsRefusedUnlessTold()
    {
        using var wrong = new KubeClient(controlPlane.Config with { TlsServerName = "elsewhere.example" });
        using var right = new KubeClient(controlPlane.Config with { TlsServerName = "kubernetes.default.svc" });

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => wrong.GetAsync(ConfigMaps, "default", "a", Ct));
        var found = await right.FindAsync(ConfigMaps, "default", "a", Ct);

        Assert.EndsWith(
            "The server's certificate 'CN=kube-apiserver' is not for the name the server is reached by.", error.Message, StringComparison.Ordinal);
        Assert.Null(found);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public async Task GetAsync_NameThatIsAPath_IsAnArgumentError(string name) =>
        await Assert.ThrowsAsync<ArgumentException>(() => Client.GetAsync(ConfigMaps, "default", name, Ct));

    [Fact]
    public async Task GetAsync_NamespacedTypeWithoutNamespace_IsAnArgumentError()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Client.GetAsync(ConfigMaps, null, "a", Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => Client.GetAsync(KubeResources.Nodes, "default", "a", Ct));
    }
}
