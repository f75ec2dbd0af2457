using System.Text.Json.Nodes;
using ControlPlane;
using Mds.Kubernetes;
using Mds.Operator.Certificates;
using Mds.Operator.Tests.Certificates;
using static Mds.Operator.Tests.Admission.FakeEmulators;

namespace Mds.Operator.Tests.Admission;

/// <summary>The webhook as a real API server calls it, with no more permissions than the chart grants.</summary>
public sealed class WebhookOnApiServerTests(ControlPlaneFixture controlPlane) : IAsyncLifetime
{
    private static readonly ResourceType ClusterRoles = Rbac("clusterroles", "ClusterRole", false);
    private static readonly ResourceType ClusterRoleBindings = Rbac("clusterrolebindings", "ClusterRoleBinding", false);
    private static readonly ResourceType Roles = Rbac("roles", "Role", true);
    private static readonly ResourceType RoleBindings = Rbac("rolebindings", "RoleBinding", true);

    private readonly FakeEmulators _emulators = new();
    private readonly List<WebhookHost> _hosts = [];
    private OperatorOptions _options = null!;
    private KubeClient _client = null!;
    private string _namespace = null!;
    private int _pods;

    private static CancellationToken TestEnd => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _namespace = await controlPlane.CreateNamespaceAsync(TestEnd);
        _options = WebhookHost.Options(_namespace, configuration: _namespace);
        _emulators.Copy.Add(Emulator(_namespace, "default"));
        await Admin.PatchAsync(
            KubeResources.Namespaces, null, _namespace,
            JsonNode.Parse($$"""{"metadata":{"labels":{"webhook-test":"{{_namespace}}"} } }""")!.AsObject(), cancellationToken: TestEnd);
        await GrantAsync();
        _client = new KubeClient(await controlPlane.ServiceAccountAsync(_namespace, "mds-operator", TestEnd));
    }

    public async ValueTask DisposeAsync()
    {
        await Admin.DeleteAsync(KubeResources.MutatingWebhookConfigurations, null, _namespace, cancellationToken: CancellationToken.None);
        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        _client.Dispose();
    }

    [Fact]
    public async Task CreatePod_Labelled_IsInjectedByTheApiServer()
    {
        var host = await StartAsync();
        await ConfigureAsync(host);

        var pod = await InjectedPodAsync();

        var environment = pod["spec"]!["initContainers"]![0]!["env"]!.AsArray();
        Assert.Contains(environment, v => (string?)v!["name"] == "GCE_METADATA_IP" && (string?)v["value"] == "10.96.12.7:80");
        var status = JsonNode.Parse((string)pod["metadata"]!["annotations"]!["mds.dev/status"]!)!;
        Assert.Equal($"{_namespace}/default", (string?)status["emulator"]);
    }

    [Fact]
    public async Task CreatePod_NotLabelled_IsLeftAlone()
    {
        var host = await StartAsync();
        await ConfigureAsync(host);
        await InjectedPodAsync();

        var pod = await CreatePodAsync(label: "false");

        Assert.Null(pod["metadata"]!["annotations"]);
        Assert.Null(pod["spec"]!["containers"]![0]!["env"]);
    }

    [Fact]
    public async Task CreatePod_EmulatorMissing_IsRefusedWithTheSentence()
    {
        var host = await StartAsync();
        await ConfigureAsync(host);
        await InjectedPodAsync();
        _emulators.Copy.Clear();

        var refusal = await Assert.ThrowsAsync<KubeApiException>(() => CreatePodAsync());

        Assert.True(refusal.IsForbidden);
        Assert.Contains("pods.mds.dev", refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"namespace {_namespace} has no MetadataEmulator", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretDeleted_WhileRunning_SameAuthorityComesBack()
    {
        var host = await StartAsync();
        await ConfigureAsync(host);
        var authority = await AuthorityAsync();

        await Admin.DeleteAsync(KubeResources.Secrets, _namespace, _options.WebhookCaSecret, cancellationToken: TestEnd);

        await Eventually.TrueAsync(async () => await AuthorityAsync() == authority, "the Secret is back", TestEnd);
        await InjectedPodAsync();
    }

    [Fact]
    public async Task BundleWiped_WhileRunning_ComesBackAndNoPodSlipsThrough()
    {
        var host = await StartAsync();
        await ConfigureAsync(host);
        await InjectedPodAsync();

        await Admin.PatchAsync(
            KubeResources.MutatingWebhookConfigurations, null, _namespace,
            JsonNode.Parse("""[{"op":"remove","path":"/webhooks/0/clientConfig/caBundle"}]""")!.AsArray(), cancellationToken: TestEnd);

        // A labelled pod is injected or refused. What must not happen is that it gets in without its variables.
        await Eventually.TrueAsync(
            async () =>
            {
                if (await TryCreatePodAsync() is { } pod)
                {
                    AssertInjected(pod);
                }

                return await IsPublishedAsync();
            },
            "the caBundle is back", TestEnd);
        await InjectedPodAsync();
    }

    [Fact]
    public async Task TwoReplicas_StartedTogether_AgreeAndBothServe()
    {
        await CreateConfigurationAsync(1);
        var hosts = await Task.WhenAll(StartAsync(), StartAsync());
        foreach (var host in hosts)
        {
            await ReadyAsync(host);
            await PointAtAsync(host);
            await InjectedPodAsync();
        }

        var authority = AuthoritySecret.Read(await SecretAsync()).Bundle!.Current.Certificate;
        Assert.All(hosts, host => Assert.True(host.Certificates.Current!.IsTrustedBy([authority], DateTimeOffset.UtcNow)));
    }

    [Fact]
    public async Task CertificateAndAuthorityExpire_WhileRunning_PodsAreInjectedAllAlong()
    {
        // Two thirds of a year ago an authority was made, and a certificate that ran out long since.
        var time = new ShiftedTime(TimeSpan.FromDays(-250));
        var host = await StartAsync(time);
        await ConfigureAsync(host);
        var (authority, certificate) = (await AuthorityAsync(), host.Certificates.Current!);
        Assert.True(certificate.NotAfter < DateTime.Now);

        time.Shift = TimeSpan.Zero;
        await Admin.PatchAsync(
            KubeResources.Secrets, _namespace, _options.WebhookCaSecret,
            JsonNode.Parse("""{"metadata":{"annotations":{"looked":"at"}}}""")!.AsObject(), cancellationToken: TestEnd);

        await Eventually.TrueAsync(() => host.Certificates.Current!.NotAfter > DateTime.Now, "a certificate is renewed", TestEnd);
        await ReadyAsync(host);
        Assert.NotEqual(authority, await AuthorityAsync());
        var bundle = AuthoritySecret.Read(await SecretAsync()).Bundle!;
        Assert.Equal(authority, Assert.Single(bundle.Previous).Thumbprint);
        await InjectedPodAsync();
    }

    [Fact]
    public async Task SecretMadeEmptyByTheChart_AtStart_IsFilled()
    {
        await Admin.CreateAsync(
            KubeResources.Secrets,
            JsonNode.Parse($$"""{"metadata":{"name":"mds-webhook-ca","namespace":"{{_namespace}}"},"type":"Opaque"}""")!.AsObject(),
            cancellationToken: TestEnd);
        var host = await StartAsync();
        await ConfigureAsync(host);

        Assert.NotNull(await AuthorityAsync());
        await InjectedPodAsync();
    }

    private KubeClient Admin => controlPlane.Client;

    private static ResourceType Rbac(string plural, string kind, bool namespaced) =>
        new("rbac.authorization.k8s.io", "v1", plural, kind, namespaced);

    private async Task<WebhookHost> StartAsync(TimeProvider? time = null)
    {
        var host = await WebhookHost.StartAsync(_options, _emulators, time ?? TimeProvider.System, _client);
        lock (_hosts)
        {
            _hosts.Add(host);
        }

        return host;
    }

    /// <summary>Creates the configuration as the chart does, without caBundle, and waits until the replica is trusted.</summary>
    private async Task ConfigureAsync(WebhookHost host)
    {
        await CreateConfigurationAsync(host.Port);
        await ReadyAsync(host);
    }

    private static Task ReadyAsync(WebhookHost host) => Eventually.TrueAsync(
        () => !host.NotReadyBecause.Any(), "the webhook is ready", TestEnd);

    private Task<JsonObject> CreateConfigurationAsync(int port) => Admin.CreateAsync(
        KubeResources.MutatingWebhookConfigurations,
        JsonNode.Parse($$"""
            {"metadata":{"name":"{{_namespace}}"},"webhooks":[{
              "name":"pods.mds.dev","admissionReviewVersions":["v1"],"sideEffects":"None","failurePolicy":"Fail","timeoutSeconds":5,
              "reinvocationPolicy":"IfNeeded",
              "clientConfig":{"url":"https://localhost:{{port}}/mutate-pods"},
              "objectSelector":{"matchLabels":{"mds.inject":"true"} },
              "namespaceSelector":{"matchLabels":{"webhook-test":"{{_namespace}}"} },
              "rules":[{"apiGroups":[""],"apiVersions":["v1"],"resources":["pods"],"operations":["CREATE"]}]}]}
            """)!.AsObject(),
        cancellationToken: TestEnd);

    private Task<JsonObject> PointAtAsync(WebhookHost host) => Admin.PatchAsync(
        KubeResources.MutatingWebhookConfigurations, null, _namespace,
        new JsonArray(new JsonObject
        {
            ["op"] = "replace", ["path"] = "/webhooks/0/clientConfig/url", ["value"] = host.Address.AbsoluteUri,
        }),
        cancellationToken: TestEnd);

    private async Task<JsonObject> SecretAsync() =>
        await Admin.GetAsync(KubeResources.Secrets, _namespace, _options.WebhookCaSecret, TestEnd);

    private async Task<string?> AuthorityAsync() =>
        await Admin.FindAsync(KubeResources.Secrets, _namespace, _options.WebhookCaSecret, TestEnd) is { } secret
            ? AuthoritySecret.Read(secret).Bundle?.Current.Certificate.Thumbprint
            : null;

    private async Task<bool> IsPublishedAsync() => PublishedBundle.Read(
        await Admin.GetAsync(KubeResources.MutatingWebhookConfigurations, null, _namespace, TestEnd)).Count > 0;

    /// <summary>The first labelled pod that the API server admits once it has heard of the configuration's last change.</summary>
    private async Task<JsonObject> InjectedPodAsync()
    {
        JsonObject? injected = null;
        await Eventually.TrueAsync(
            async () =>
            {
                var pod = await TryCreatePodAsync();
                injected = pod?["metadata"]!["annotations"] is null ? null : pod;
                return injected is not null;
            },
            "a pod is injected", TestEnd);
        AssertInjected(injected!);
        return injected!;
    }

    private static void AssertInjected(JsonObject pod) => Assert.Contains(
        pod["spec"]!["containers"]![0]!["env"] as JsonArray ?? [], variable => (string?)variable!["name"] == "GCE_METADATA_HOST");

    private async Task<JsonObject?> TryCreatePodAsync()
    {
        try
        {
            return await CreatePodAsync();
        }
        catch (KubeApiException)
        {
            return null;
        }
    }

    private Task<JsonObject> CreatePodAsync(string label = "true") => Admin.CreateAsync(
        KubeResources.Pods,
        JsonNode.Parse($$"""
            {"metadata":{"name":"pod-{{Interlocked.Increment(ref _pods)}}","namespace":"{{_namespace}}","labels":{"mds.inject":"{{label}}"} },
             "spec":{"initContainers":[{"name":"first","image":"example/first"}],"containers":[{"name":"app","image":"example/app"}]} }
            """)!.AsObject(),
        cancellationToken: TestEnd);

    /// <summary>What the chart grants, for this test's own names.</summary>
    private async Task GrantAsync()
    {
        var installed = YamlFile.Read("deploy/install.yaml");
        var cluster = $"webhook-{_namespace}";
        await CreateAsync(ClusterRoles, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = cluster },
            ["rules"] = new JsonArray([.. RulesOf("ClusterRole").Select(rule => For(rule, "mutatingwebhookconfigurations", _namespace))]),
        });
        await CreateAsync(ClusterRoleBindings, Binding(new JsonObject { ["name"] = cluster }, "ClusterRole", cluster));
        await CreateAsync(Roles, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "webhook", ["namespace"] = _namespace },
            ["rules"] = new JsonArray([.. RulesOf("Role")]),
        });
        await CreateAsync(RoleBindings, Binding(new JsonObject { ["name"] = "webhook", ["namespace"] = _namespace }, "Role", "webhook"));

        IEnumerable<JsonNode> RulesOf(string kind) => installed
            .Single(o => (string?)o["kind"] == kind && KubeJson.NameOf(o) == "mds-operator")["rules"]!.AsArray()
            .Select(rule => rule!.DeepClone());

        static JsonNode For(JsonNode rule, string resource, string name)
        {
            if (rule["resources"]!.AsArray().Any(listed => (string?)listed == resource))
            {
                rule["resourceNames"] = new JsonArray(name);
            }

            return rule;
        }

        JsonObject Binding(JsonObject metadata, string kind, string role) => new()
        {
            ["metadata"] = metadata,
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = role },
            ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = _namespace, ["name"] = "mds-operator" }),
        };
    }

    private Task<JsonObject> CreateAsync(ResourceType type, JsonObject resource) =>
        Admin.CreateAsync(type, resource, cancellationToken: TestEnd);
}
