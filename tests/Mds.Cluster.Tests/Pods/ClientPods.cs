using System.Text.Json.Nodes;
using Mds.Cluster.Tests.Clusters;

namespace Mds.Cluster.Tests.Pods;

/// <summary>Pods that use Google's Python client, and emulators for them.</summary>
public static class ClientPods
{
    public const string Audience = "https://service.example";

    /// <summary>The five variables of the webhook.</summary>
    public static IReadOnlyList<string> Variables { get; } =
        ["GCE_METADATA_HOST", "GCE_METADATA_IP", "GCE_METADATA_ROOT", "METADATA_EMULATOR_HOST", "METADATA_SERVER_DETECTION"];

    /// <summary>An emulator whose tokens come from the local issuer.</summary>
    public static string Emulator(string name, string project, string credential = "local: {}", int replicas = 1, string spec = "") =>
        $$"""
        apiVersion: mds.dev/v1alpha1
        kind: MetadataEmulator
        metadata: {name: {{name}}}
        spec:
          claims:
            project: {projectId: {{project}}, numericProjectId: 123456789012}
            instance:
              zone: projects/123456789012/zones/europe-west1-b
              attributes: {colour: blue}
              serviceAccounts:
                default:
                  email: {{Account(project)}}
                  scopes: [https://www.googleapis.com/auth/cloud-platform]
          credentials:
          - account: default
            {{credential}}
          deployment: {replicas: {{replicas}}}
          {{spec}}
        """;

    public static string Account(string project) => $"app@{project}.iam.gserviceaccount.com";

    /// <summary>A pod that runs the client, or the command given in its place.</summary>
    public static string Pod(
        ClusterFixture cluster, string name, bool labelled, string? command = null, string? emulator = null, string hostAliases = "[]") =>
        $$"""
        apiVersion: v1
        kind: Pod
        metadata:
          name: {{name}}
          labels: {test-client: "true", mds.inject: "{{(labelled ? "true" : "false")}}"}
          annotations: { {{(emulator is null ? "" : $"mds.dev/emulator: {emulator}")}} }
        spec:
          restartPolicy: Never
          terminationGracePeriodSeconds: 0
          automountServiceAccountToken: false
          hostAliases: {{hostAliases}}
          securityContext: {runAsNonRoot: true, runAsUser: 65532, seccompProfile: {type: RuntimeDefault} }
          containers:
          - {{Container(cluster, "client", command)}}
        """;

    /// <summary>A container that runs the client, or the command given in its place.</summary>
    public static string Container(ClusterFixture cluster, string name, string? command = null) =>
        $$"""
        {name: {{name}}, image: "{{cluster.Image("python-client")}}", imagePullPolicy: IfNotPresent,
            securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]} },
            command: {{(command is null ? "[python3, /usr/local/bin/client.py]" : $"[sh, -c, {JsonValue.Create(command).ToJsonString()}]")}}}
        """;

    /// <summary>Makes an emulator in the namespace and waits until it is Ready.</summary>
    public static async Task<JsonObject> ReadyEmulatorAsync(this TestNamespace space, string name, string project, string credential = "local: {}", string spec = "")
    {
        await space.ApplyAsync(Emulator(name, project, credential, spec: spec));
        return await space.UntilAsync($"mde/{name}", "is Ready", emulator => emulator.Condition("Ready").IsTrue);
    }

    /// <summary>Waits until a pod has ended well and gives its log.</summary>
    public static async Task<string> LogOfEndedPodAsync(this TestNamespace space, string pod, string? container = null)
    {
        var ended = await space.UntilAsync($"pod/{pod}", "ends", seen => seen.Phase is "Succeeded" or "Failed");
        var log = await space.KubectlAsync(["logs", pod, .. container is null ? Array.Empty<string>() : ["--container", container]]);
        return ended.Phase == "Succeeded" ? log : throw new InvalidOperationException($"Pod {pod} failed:\n{log}");
    }

    /// <summary>Asks the metadata server from inside a running pod, through the variables that the pod got.</summary>
    public static async Task<string> AskAsync(this TestNamespace space, string pod, string path, string output = "-")
    {
        var answer = await space.KubectlAsync(
            "exec", pod, "--", "sh", "-c",
            $"curl --silent --max-time 10 --header 'Metadata-Flavor: Google' {(output == "-" ? "" : $"--output /dev/null --write-out '{output}'")} \"http://$GCE_METADATA_HOST/computeMetadata/v1/{path}\"");
        if (path.EndsWith("/token", StringComparison.Ordinal) || path.Contains("/identity?", StringComparison.Ordinal))
        {
            space.Remember(answer);
        }

        return answer;
    }
}
