using System.Text.Json.Nodes;
using Mds.Operator.Api;

namespace Mds.Operator.Emulators;

/// <summary>
/// Keeps everybody away from a server but the pods that were injected for it and, for its status, the operator. Probes come
/// from the node, which network plugins always let through.
/// </summary>
internal static class ServerNetworkPolicy
{
    /// <summary>The policy's <c>spec</c>.</summary>
    public static JsonObject Spec(Emulator emulator, ClusterFacts facts, ServerPodOptions options)
    {
        var clients = new JsonArray(new JsonObject { ["podSelector"] = Labels((WellKnown.InjectLabel, "true")) });
        if (emulator.Access.Namespaces.Length > 0)
        {
            clients.Add(new JsonObject
            {
                ["namespaceSelector"] = Namespaces(emulator.Access.Namespaces, facts),
                ["podSelector"] = Labels((WellKnown.InjectLabel, "true")),
            });
        }

        var operators = new JsonArray(new JsonObject
        {
            ["namespaceSelector"] = Namespaces([options.OperatorNamespace], facts),
            ["podSelector"] = Labels(("app.kubernetes.io/component", "operator"), (WellKnown.PartOfLabel, "mds")),
        });
        var rules = new JsonArray(
            Rule(ServerSettings.MetadataPort, clients),
            // Status and metrics have no secret in them, and change nothing.
            Rule(ServerSettings.AdminPort, options.OperatorHasNodeAddress ? null : operators));
        if (emulator.HasIssuer)
        {
            // Public keys and nothing else: for whoever is to verify tokens, be it a mesh or the API server, which is no pod.
            rules.Add(Rule(ServerSettings.IssuerPort, from: null));
        }

        return new JsonObject
        {
            ["podSelector"] = new JsonObject { ["matchLabels"] = DesiredObjects.SelectorLabels(emulator) },
            ["policyTypes"] = new JsonArray("Ingress"),
            ["ingress"] = rules,
        };
    }

    // Before 1.21 a policy cannot name a namespace, only its labels; then any namespace's injected pods get through, and
    // the webhook alone decides who is injected.
    private static JsonObject Namespaces(IEnumerable<string> names, ClusterFacts facts) => facts.NamespacesAreLabelled
        ? new JsonObject
        {
            ["matchExpressions"] = new JsonArray(new JsonObject
            {
                ["key"] = WellKnown.NamespaceNameLabel,
                ["operator"] = "In",
                ["values"] = new JsonArray([.. names.Order(StringComparer.Ordinal).Select(name => JsonValue.Create(name))]),
            }),
        }
        : [];

    private static JsonObject Labels(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        var labels = new JsonObject();
        foreach (var (key, value) in pairs)
        {
            labels[key] = value;
        }

        return new JsonObject { ["matchLabels"] = labels };
    }

    private static JsonObject Rule(int port, JsonArray? from) => new JsonObject()
        .With("from", from)
        .With("ports", new JsonArray(new JsonObject { ["port"] = port, ["protocol"] = "TCP" }));
}
