using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>The Deployment of an emulator's server: fit for namespaces of the restricted Pod Security level, unless a device of the node is mounted.</summary>
internal static class ServerDeployment
{
    /// <summary>The server's container.</summary>
    public const string ContainerName = "mds-server";

    /// <summary>The container port of the metadata, by name.</summary>
    public const string MetadataPortName = "metadata";

    /// <summary>The container port of the local issuer's documents, by name.</summary>
    public const string IssuerPortName = "issuer";

    /// <summary>The container port that answers <c>/status</c>, by name.</summary>
    public const string AdminPortName = "admin";

    // Any user but root will do; this one is called "nonroot" in distroless images.
    private const int User = 65532;

    /// <summary>The Deployment's <c>spec</c>.</summary>
    public static JsonObject Spec(Emulator emulator, string settingsHash, ServerPodOptions options) => new()
    {
        ["replicas"] = emulator.Replicas,
        ["revisionHistoryLimit"] = 3,
        ["selector"] = new JsonObject { ["matchLabels"] = DesiredObjects.SelectorLabels(emulator) },
        ["strategy"] = new JsonObject
        {
            ["type"] = "RollingUpdate",
            // A pod more than there are devices would wait for one for good: the old pod goes first.
            ["rollingUpdate"] = ServerDevices.AreOfPlugin(emulator)
                ? new JsonObject { ["maxSurge"] = 0, ["maxUnavailable"] = 1 }
                : new JsonObject { ["maxSurge"] = 1, ["maxUnavailable"] = 0 },
        },
        ["template"] = new JsonObject
        {
            ["metadata"] = Metadata(emulator, settingsHash),
            ["spec"] = PodSpec(emulator, options),
        },
    };

    private static JsonObject Metadata(Emulator emulator, string settingsHash)
    {
        var annotations = Strings(emulator.PodTemplate.Annotations);
        annotations[WellKnown.SettingsHashAnnotation] = settingsHash;
        var labels = Strings(emulator.PodTemplate.Labels);
        foreach (var (key, value) in DesiredObjects.Labels(emulator))
        {
            labels[key] = value!.DeepClone();
        }

        return new JsonObject { ["annotations"] = annotations, ["labels"] = labels };
    }

    private static JsonObject PodSpec(Emulator emulator, ServerPodOptions options)
    {
        var spec = new JsonObject
        {
            ["serviceAccountName"] = emulator.ObjectName,
            ["automountServiceAccountToken"] = false,
            ["enableServiceLinks"] = false,
            ["terminationGracePeriodSeconds"] = 30,
            ["securityContext"] = new JsonObject
            {
                ["runAsNonRoot"] = true,
                ["runAsUser"] = User,
                ["runAsGroup"] = User,
                ["fsGroup"] = User,
                ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
            }
                .With("supplementalGroups", ServerDevices.Groups(emulator)),
            ["nodeSelector"] = new JsonObject { ["kubernetes.io/os"] = "linux" },
            ["topologySpreadConstraints"] = new JsonArray(
                Spread(emulator, "kubernetes.io/hostname"), Spread(emulator, "topology.kubernetes.io/zone")),
            ["containers"] = new JsonArray(Container(emulator, options)),
            ["volumes"] = new JsonArray([.. ServerVolumes.Of(emulator).Select(each => each.Volume)]),
        };
        foreach (var (field, value) in emulator.PodTemplate.PodFields)
        {
            if (field == "nodeSelector" && value is JsonObject selector)
            {
                foreach (var (key, label) in selector)
                {
                    spec[field]![key] = label?.DeepClone();
                }
            }
            else
            {
                spec[field] = value.DeepClone();
            }
        }

        if (PullSecrets(emulator, options) is { Count: > 0 } secrets)
        {
            spec["imagePullSecrets"] = secrets;
        }

        return spec;
    }

    private static JsonObject Container(Emulator emulator, ServerPodOptions options)
    {
        var ports = new JsonArray(Port(MetadataPortName, ServerSettings.MetadataPort), Port(AdminPortName, ServerSettings.AdminPort));
        if (emulator.HasIssuer)
        {
            ports.Add(Port(IssuerPortName, ServerSettings.IssuerPort));
        }

        return new JsonObject
        {
            ["name"] = ContainerName,
            ["image"] = options.Image,
        }
            .With("imagePullPolicy", options.ImagePullPolicy)
            .With("args", new JsonArray("-settings", $"{ServerSettings.SettingsFolder}/{ServerSettings.SettingsFile}"))
            // The runtime's diagnostics want a writable /tmp, and the root file system is read-only.
            .With("env", new JsonArray(new JsonObject { ["name"] = "DOTNET_EnableDiagnostics", ["value"] = "0" }))
            .With("ports", ports)
            .With("startupProbe", Probe("/healthz", periodSeconds: 1, failureThreshold: 60))
            .With("livenessProbe", Probe("/healthz", periodSeconds: 10, failureThreshold: 3))
            .With("readinessProbe", Probe("/readyz", periodSeconds: 5, failureThreshold: 2))
            .With("resources", ServerDevices.Resources(emulator, emulator.PodTemplate.Resources?.DeepClone().AsObject() ?? new JsonObject
            {
                ["requests"] = new JsonObject { ["cpu"] = "10m", ["memory"] = "64Mi" },
                ["limits"] = new JsonObject { ["memory"] = "256Mi" },
            }))
            .With("securityContext", ServerDevices.SecurityContext(emulator))
            // A program that cannot start writes why to its log; the operator reads it from the pod's status.
            .With("terminationMessagePolicy", "FallbackToLogsOnError")
            .With("volumeMounts", new JsonArray([.. ServerVolumes.Of(emulator).Select(each => each.Mount)]));
    }

    private static JsonArray PullSecrets(Emulator emulator, ServerPodOptions options)
    {
        var names = options.ImagePullSecrets.AsEnumerable();
        if (emulator.PodTemplate.PodFields.GetValueOrDefault("imagePullSecrets") is JsonArray own)
        {
            names = names.Concat(own.Select(secret => secret?["name"]?.GetValue<string>()).OfType<string>());
        }

        return [.. names.Distinct().Select(name => new JsonObject { ["name"] = name })];
    }

    private static JsonObject Spread(Emulator emulator, string topologyKey) => new()
    {
        ["maxSkew"] = 1,
        ["topologyKey"] = topologyKey,
        ["whenUnsatisfiable"] = "ScheduleAnyway",
        ["labelSelector"] = new JsonObject { ["matchLabels"] = DesiredObjects.SelectorLabels(emulator) },
    };

    private static JsonObject Port(string name, int port) =>
        new() { ["name"] = name, ["containerPort"] = port, ["protocol"] = "TCP" };

    private static JsonObject Probe(string path, int periodSeconds, int failureThreshold) => new()
    {
        ["httpGet"] = new JsonObject { ["path"] = path, ["port"] = AdminPortName },
        ["periodSeconds"] = periodSeconds,
        ["timeoutSeconds"] = 2,
        ["failureThreshold"] = failureThreshold,
    };

    private static JsonObject Strings(IEnumerable<KeyValuePair<string, string>> values)
    {
        var strings = new JsonObject();
        foreach (var (key, value) in values)
        {
            strings[key] = value;
        }

        return strings;
    }
}
