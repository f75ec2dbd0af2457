using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;

namespace Mds.Cluster.Tests.Pods;

/// <summary>The stand-in for Google's token services, as a pod behind a Service of a test's namespace.</summary>
public sealed class GooglePod
{
    private const string Name = "google";

    private readonly TestNamespace _space;

    private GooglePod(TestNamespace space, string address) => (_space, Address) = (space, address);

    /// <summary>Where it is reached; known before it runs, so that keys can be made that name it.</summary>
    public string Address { get; }

    /// <summary>Where assertions are sent.</summary>
    public string TokenUri => $"{Address}/token";

    /// <summary>Makes the Service.</summary>
    public static async Task<GooglePod> CreateAsync(TestNamespace space)
    {
        await space.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Service
            metadata: {name: {{Name}}}
            spec:
              selector: {app: {{Name}}}
              ports: [{port: 80, targetPort: 8080}]
            """);
        return new(space, $"http://{(await space.GetAsync($"service/{Name}"))["spec"]!["clusterIP"]}");
    }

    /// <summary>Starts the pod and waits until it answers.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="files">Files in its folder <c>/files</c>.</param>
    /// <param name="arguments">What it is told beside where it is.</param>
    public async Task StartAsync(ClusterFixture cluster, IReadOnlyDictionary<string, string> files, params string[] arguments)
    {
        await _space.CreateAsync(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMap",
            ["metadata"] = new JsonObject { ["name"] = Name },
            ["data"] = new JsonObject([.. files.Select(file => KeyValuePair.Create(file.Key, (JsonNode?)file.Value))]),
        }.ToJsonString());
        string[] all = ["--urls", "http://0.0.0.0:8080", "--token-url", TokenUri, .. arguments];
        await _space.CreateAsync(
            $$"""
            apiVersion: v1
            kind: Pod
            metadata:
              name: {{Name}}
              labels: {app: {{Name}}, test-client: "true"}
            spec:
              terminationGracePeriodSeconds: 0
              automountServiceAccountToken: false
              securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault} }
              containers:
              - name: {{Name}}
                image: "{{cluster.Image("google-stand-in")}}"
                imagePullPolicy: IfNotPresent
                args: {{new JsonArray([.. all.Select(argument => JsonValue.Create(argument))]).ToJsonString()}}
                readinessProbe: {httpGet: {path: /calls, port: 8080}, periodSeconds: 1}
                securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]} }
                volumeMounts: [{name: files, mountPath: /files}]
              volumes:
              - {name: files, configMap: {name: {{Name}}} }
            """);
        await _space.UntilAsync($"pod/{Name}", "is ready", pod => pod.Condition("Ready").IsTrue);
    }

    /// <summary>What it was asked so far; no token is in it. Asked through the API server, which reaches every Service.</summary>
    public async Task<IReadOnlyList<JsonObject>> CallsAsync() =>
        [.. JsonNode.Parse(await _space.KubectlAsync("get", "--raw", $"/api/v1/namespaces/{_space.Name}/services/{Name}:80/proxy/calls"))!
            .AsArray().Select(call => call!.AsObject())];
}
