using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Mds.Kubernetes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>
/// What there must be in the cluster for an emulator: a function from values to JSON, each object holding exactly the
/// fields the operator owns.
/// </summary>
internal static class DesiredObjects
{
    /// <summary>The types of object an emulator may own.</summary>
    public static IReadOnlyList<ResourceType> Types(ClusterFacts facts) =>
    [
        KubeResources.ServiceAccounts,
        KubeResources.ConfigMaps,
        KubeResources.Services,
        KubeResources.NetworkPolicies,
        facts.PodDisruptionBudgets,
        KubeResources.Deployments,
    ];

    /// <summary>Builds the Service. It comes first: what else there is to be depends on the address it is given.</summary>
    /// <param name="emulator">An emulator without problems.</param>
    public static DesiredObject Service(Emulator emulator) => Object(emulator, KubeResources.Services, ("spec", ServiceSpec(emulator)));

    /// <summary>The addresses of a Service as it stands, of both IP versions; none while it has none.</summary>
    /// <param name="service">The Service, raw; null when there is none.</param>
    public static IReadOnlyList<string> AddressesOf(JsonObject? service)
    {
        var first = KubeJson.TextOf(service?["spec"]?["clusterIP"]);
        return
        [
            .. (service?["spec"]?["clusterIPs"] as JsonArray ?? []).Select(KubeJson.TextOf).Prepend(first)
                .OfType<string>().Where(ip => ip is not ("" or "None")).Distinct(),
        ];
    }

    /// <summary>Builds all but the Service, in the order they are applied in.</summary>
    /// <param name="emulator">An emulator without problems.</param>
    /// <param name="addresses">The addresses of its Service.</param>
    /// <param name="claims">The claims to ship, as JSON text; null when the user's own ConfigMap is mounted, or none are good.</param>
    /// <param name="facts">What the API server knows.</param>
    /// <param name="options">What the operator was told about its pods.</param>
    public static IReadOnlyList<DesiredObject> Build(
        Emulator emulator, IReadOnlyList<string> addresses, string? claims, ClusterFacts facts, ServerPodOptions options)
    {
        var hosts = ServerHosts.Of(emulator, addresses, options.ClusterDomain);
        var settings = JsonText.Indented(ServerSettings.Build(emulator, hosts));
        var objects = new List<DesiredObject>
        {
            Object(emulator, KubeResources.ServiceAccounts, ("automountServiceAccountToken", false)),
            Object(emulator, KubeResources.ConfigMaps, ("data", new JsonObject()
                .With(ServerSettings.ClaimsFile, claims)
                .With(ServerSettings.SettingsFile, settings))),
        };
        if (emulator.Access.NetworkPolicy)
        {
            objects.Add(Object(emulator, KubeResources.NetworkPolicies, ("spec", ServerNetworkPolicy.Spec(emulator, facts, options))));
        }

        if (emulator.Replicas >= 2)
        {
            objects.Add(Object(emulator, facts.PodDisruptionBudgets, ("spec", DisruptionBudgetSpec(emulator, facts))));
        }

        objects.Add(Object(emulator, KubeResources.Deployments, ("spec", ServerDeployment.Spec(emulator, Hash(settings), options))));
        return objects;
    }

    /// <summary>The labels by which a Service, a policy or a budget finds the server's pods.</summary>
    public static JsonObject SelectorLabels(Emulator emulator) => new()
    {
        [WellKnown.NameLabel] = WellKnown.ServerName,
        [WellKnown.InstanceLabel] = emulator.Name,
    };

    /// <summary>The labels on everything made for an emulator.</summary>
    public static JsonObject Labels(Emulator emulator)
    {
        var labels = SelectorLabels(emulator);
        labels[WellKnown.ManagedByLabel] = WellKnown.FieldManager;
        labels[WellKnown.PartOfLabel] = "mds";
        labels[WellKnown.Emulator] = emulator.Name;
        return labels;
    }

    /// <summary>A text's SHA-256 in hexadecimal.</summary>
    public static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static JsonObject ServiceSpec(Emulator emulator) => new JsonObject
    {
        ["type"] = "ClusterIP",
        ["selector"] = SelectorLabels(emulator),
        ["ports"] = Ports(emulator),
    }
        // Pods carry the address in their environment for as long as they live: a Service that has to be made again gets it back.
        .With("clusterIP", emulator.Endpoint?.Ip);

    private static JsonArray Ports(Emulator emulator)
    {
        var ports = new JsonArray(Port(ServerDeployment.MetadataPortName, 80));
        if (emulator.HasIssuer)
        {
            ports.Add(Port(ServerDeployment.IssuerPortName, ServerSettings.IssuerPort));
        }

        return ports;

        static JsonObject Port(string name, int port) =>
            new() { ["name"] = name, ["port"] = port, ["protocol"] = "TCP", ["targetPort"] = name };
    }

    private static JsonObject DisruptionBudgetSpec(Emulator emulator, ClusterFacts facts) => new JsonObject
    {
        ["maxUnavailable"] = 1,
        ["selector"] = new JsonObject { ["matchLabels"] = SelectorLabels(emulator) },
    }
        .With("unhealthyPodEvictionPolicy", facts.HasUnhealthyPodEvictionPolicy ? "AlwaysAllow" : null);

    private static DesiredObject Object(Emulator emulator, ResourceType type, (string Name, JsonNode Value) field) =>
        new(type, new JsonObject
        {
            ["apiVersion"] = type.ApiVersion,
            ["kind"] = type.Kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = emulator.ObjectName,
                ["namespace"] = emulator.Namespace,
                ["labels"] = Labels(emulator),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = MetadataEmulator.Type.ApiVersion,
                    ["kind"] = MetadataEmulator.Type.Kind,
                    ["name"] = emulator.Name,
                    ["uid"] = emulator.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            [field.Name] = field.Value,
        });
}
