using System.Text.Json.Nodes;
using Mds.Operator.Credentials;

namespace Mds.Operator.Api;

/// <summary>
/// The schema of MetadataEmulator. Its descriptions are the user's reference (<c>kubectl explain mde.spec</c>); every
/// text and list is bounded, so that the cost of the rules is bounded too.
/// </summary>
internal static class MetadataEmulatorSchema
{
    /// <summary>What is said to a name that no Service can have.</summary>
    public const string NameSentence =
        "The name must be a DNS label of at most 59 characters (lower-case letters, digits and '-'), because its Service is called mds-NAME.";

    /// <summary>What is said to an account that is none.</summary>
    public const string AccountSentence = "The account must be 'default' or the e-mail of a service account.";

    /// <summary>What is said to the name of a ConfigMap or Secret that none can have.</summary>
    public const string ObjectNameSentence = "must be a name a ConfigMap or Secret can have: lower-case letters, digits, '-' and '.'.";

    /// <summary>What is said to a server that asks for a server.</summary>
    public const string InjectLabelSentence =
        $"must not have {WellKnown.InjectLabel}: a server's pods would wait for the webhook, and ask the server that they are.";

    /// <summary>What is said to a credential of no kind, or of several.</summary>
    public const string OneCredentialSentence =
        "An account needs exactly one of serviceAccountKey, impersonation, workloadIdentity, tpm, static, local and upstream.";

    /// <summary>What is said to claims in two places.</summary>
    public const string ClaimsSentence =
        "The claims are either written here (claims) or in a ConfigMap (claimsFrom.configMapKeyRef), not both.";

    /// <summary>What is said to claims from nowhere.</summary>
    public const string ClaimsFromSentence = "claimsFrom needs configMapKeyRef, upstream or both.";

    /// <summary>What is said to a changed mode.</summary>
    public const string ModeSentence =
        "The mode cannot be changed, because pods that already run would lose their endpoint; delete the emulator and make a new one.";

    /// <summary>The longest message of a condition; Kubernetes' own conditions have this limit too.</summary>
    public const int SentenceLength = 32768;

    /// <summary>The longest e-mail of an account or principal.</summary>
    public const int EmailLength = 254;

    /// <summary>The length of a key's fingerprint: a SHA-256 in hexadecimal.</summary>
    public const int FingerprintLength = 64;

    /// <summary>Builds it.</summary>
    /// <param name="cel">
    /// Whether to use rules with sentences of their own. Without them the same is said in the older words of JSON schema
    /// where it can be, with the API server's own, poorer messages; what cannot be said is left to the operator's conditions.
    /// </param>
    public static JsonObject Build(bool cel)
    {
        var name = new JsonObject { ["type"] = "string" };
        if (!cel)
        {
            name.With("maxLength", MetadataEmulator.MaxNameLength).With("pattern", MetadataEmulator.NamePattern);
        }

        var root = Schema.Object(
            "A metadata server for pods: what Google's client libraries ask for who they are, where they are, and for tokens.",
            [],
            ("apiVersion", new JsonObject { ["type"] = "string" }),
            ("kind", new JsonObject { ["type"] = "string" }),
            ("metadata", cel
                ? new JsonObject { ["type"] = "object" }
                : new JsonObject { ["type"] = "object", ["properties"] = new JsonObject { ["name"] = name } }),
            ("spec", Spec(cel)),
            ("status", Status()));
        return cel
            ? root.WithRule(
                $"size(self.metadata.name) <= {MetadataEmulator.MaxNameLength} && self.metadata.name.matches('{MetadataEmulator.NamePattern}')",
                NameSentence)
            : root;
    }

    private static JsonObject Spec(bool cel)
    {
        var mode = Schema.Choice(
            "Where the server runs: in pods of its own behind a Service (Deployment), on every node (DaemonSet), or in a "
            + "container of each injected pod (Sidecar). Cannot be changed. Only Deployment is supported yet.",
            Enum.GetNames<EmulatorMode>(),
            nameof(EmulatorMode.Deployment));
        var spec = Schema.Object(
            "What the emulator is to be.",
            [],
            ("mode", cel ? mode.WithRule("self == oldSelf", ModeSentence) : mode),
            ("flavor", Schema.Choice(
                "Which of Google's metadata servers it takes after: that of a Compute Engine machine (GCE), of a Cloud Run container "
                + "(CloudRun), or of a GKE node with workload identity (GKE). They differ in paths, errors and headers.",
                Enum.GetNames<EmulatorFlavor>(),
                nameof(EmulatorFlavor.GCE))),
            ("claims", Schema.Anything(
                "The metadata itself, in the shape a real server returns for /computeMetadata/v1/?recursive=true: project, "
                + "instance, and any key of your own. A change reaches running pods without a restart. Checked before it is "
                + "used; see the condition ClaimsValid. Do not put secrets here.")),
            ("claimsFrom", ClaimsFrom(cel)),
            ("credentials", Credentials(cel)),
            ("prefetch", Schema.Choice(
                "When a server gets the first token of each account: while it answers already (Background), or before it is ready (Ready), "
                + "so that no client waits for a token issuer. With Ready, an account without a token keeps its server from being ready, "
                + "and metadata from being answered.",
                Enum.GetNames<EmulatorPrefetch>(),
                nameof(EmulatorPrefetch.Background))),
            ("issuer", EmulatorIssuer.Schema()),
            ("endpoints", GoogleEndpoints.Schema()),
            ("access", Schema.Object(
                "Who may use the emulator.",
                [],
                ("namespaces", Schema.Set(
                    "Other namespaces whose pods may use this emulator, by naming it in the annotation mds.dev/emulator: "
                    + "namespace/name. Its own namespace always may.",
                    MetadataEmulator.MaxNamespaces,
                    new JsonObject { ["type"] = "string", ["maxLength"] = 63, ["pattern"] = MetadataEmulator.NamePattern })),
                ("networkPolicy", Schema.Boolean(
                    "Whether a NetworkPolicy lets only injected pods of these namespaces reach the server. It takes a network "
                    + "plugin that enforces policies.",
                    true)),
                ("allowedHosts", Schema.Set(
                    "Names and addresses that requests may call the server by, without ports, beside those that pods are given (its "
                    + "Service's, metadata.google.internal, 169.254.169.254) and localhost. Requests that name another host are refused, "
                    + "which keeps web pages out.",
                    64,
                    new JsonObject { ["type"] = "string", ["maxLength"] = 253, ["pattern"] = TextFormat.AllowedHost.Pattern })))
                .With("default", new JsonObject())),
            ("injection", Schema.Object(
                "What a pod with the label mds.inject=true is given.",
                [],
                ("env", Schema.Boolean(
                    "Whether its containers get the environment variables that Google's client libraries read, such as "
                    + "GCE_METADATA_HOST.",
                    true)),
                ("hostAliases", Schema.Boolean(
                    "Whether its hosts file names the endpoint metadata.google.internal, for programs that read no variable.",
                    false))).With("default", new JsonObject())),
            ("deployment", Schema.Object(
                "How the server runs in mode Deployment.",
                [],
                ("replicas", Schema.Integer(
                    "How many server pods. From two on, a PodDisruptionBudget lets node maintenance take only one at a time.",
                    0,
                    MetadataEmulator.MaxReplicas,
                    2))).With("default", new JsonObject())),
            ("podTemplate", PodTemplate())).With("default", new JsonObject());
        return cel
            ? spec.WithRule("!(has(self.claims) && has(self.claimsFrom) && has(self.claimsFrom.configMapKeyRef))", ClaimsSentence)
            : spec.With("not", new JsonObject
            {
                ["required"] = new JsonArray("claims", "claimsFrom"),
                ["properties"] = new JsonObject { ["claimsFrom"] = Schema.Required("configMapKeyRef") },
            });
    }

    private static JsonObject ClaimsFrom(bool cel)
    {
        var from = Schema.Object(
            "Where claims come from beside those written here.",
            [],
            ("configMapKeyRef", KeyReference.Schema(
                "A ConfigMap that holds the claims as one JSON document. The key of a ConfigMap in the emulator's namespace.", "ConfigMap")),
            ("upstream", Schema.Object(
                "Another metadata server, such as the node's own on Google Cloud: its claims are served, with those written here or in "
                + "the ConfigMap laid over them.",
                ["address"],
                ("address", Schema.String(
                    "That server, HOST or HOST:PORT; 169.254.169.254 is the node's own.", 261, TextFormat.Host)))));
        return cel
            ? from.WithRule("has(self.configMapKeyRef) || has(self.upstream)", ClaimsFromSentence)
            : from.With("anyOf", new JsonArray(Schema.Required("configMapKeyRef"), Schema.Required("upstream")));
    }

    private static JsonObject Credentials(bool cel)
    {
        var account = ("account", Schema.String(
            "The account in the metadata: default, or the e-mail of a service account.",
            EmailLength,
            TextFormat.Account));
        var entry = Schema.Object(
            "What one account's tokens come from: exactly one of the fields beside account.",
            ["account"],
            [account, .. CredentialKind.All.Select(kind => (kind.Field, kind.Schema(cel)))]);
        var kinds = CredentialKind.All.Select(kind => kind.Field);
        entry = cel
            ? entry.WithRule($"[{string.Join(", ", kinds.Select(kind => $"has(self.{kind})"))}].exists_one(given, given)", OneCredentialSentence)
            : entry.With("oneOf", new JsonArray([.. kinds.Select(Schema.Required)]));
        return Schema.Map(
            "What the accounts' tokens come from. An account without an entry has no tokens, as a machine without a service "
            + "account has none.",
            MetadataEmulator.MaxCredentials,
            "account",
            entry);
    }

    private static JsonObject PodTemplate() => Schema.Object(
        "What is added to the server's pods, in the words of a pod.",
        [],
        ("metadata", Schema.Object(
            "Metadata of the pods.",
            [],
            ("labels", Schema.StringMap("Labels. The operator's own cannot be changed.", 64, 63)),
            ("annotations", Schema.StringMap("Annotations.", 64, 4096)))),
        ("resources", Schema.Object(
            "Requests and limits of the server's container, instead of the operator's own.",
            [],
            ("requests", Quantities("The least it needs.")),
            ("limits", Quantities("The most it may use.")))),
        ("nodeSelector", Schema.StringMap("Labels of the nodes it may run on.", 64, 63)),
        ("tolerations", Schema.List(
            "Taints of nodes it may run on all the same.",
            64,
            Schema.Object(
                "One taint, or several alike.",
                [],
                ("key", new JsonObject { ["type"] = "string", ["maxLength"] = 316 }),
                ("operator", new JsonObject { ["type"] = "string", ["maxLength"] = 16 }),
                ("value", new JsonObject { ["type"] = "string", ["maxLength"] = 63 }),
                ("effect", new JsonObject { ["type"] = "string", ["maxLength"] = 32 }),
                ("tolerationSeconds", new JsonObject { ["type"] = "integer", ["format"] = "int64" })))),
        ("affinity", Schema.Anything("Rules of nearness to nodes and other pods.")),
        ("topologySpreadConstraints", Schema.List(
            "How pods spread over nodes and zones, instead of the operator's own.",
            16,
            Schema.Anything("One constraint."))),
        ("priorityClassName", Schema.String("The priority class of the pods.", 253)),
        ("imagePullSecrets", Schema.List(
            "Secrets for pulling the server's image, beside the operator's own.",
            16,
            Schema.Object("One Secret.", ["name"], ("name", new JsonObject { ["type"] = "string", ["maxLength"] = 253 })))));

    private static JsonObject Quantities(string description) => new()
    {
        ["description"] = description,
        ["type"] = "object",
        ["maxProperties"] = 16,
        ["additionalProperties"] = new JsonObject { ["x-kubernetes-int-or-string"] = true },
    };

    private static JsonObject Status() => Schema.Object(
        "What the emulator is, as the operator sees it.",
        [],
        ("observedGeneration", new JsonObject
        {
            ["description"] = "The generation of the specification that this status speaks of.",
            ["type"] = "integer",
            ["format"] = "int64",
        }),
        ("endpoint", Schema.Object(
            "Where pods reach the server. It stays while the emulator lives.",
            [],
            ("host", Schema.String("Address and port, as GCE_METADATA_HOST carries them.", 64)),
            ("ip", Schema.String("The address.", 45)),
            ("port", Schema.Integer("The port.", 1, 65535)))),
        ("principal", Schema.String("Whom the default account's tokens speak for.", EmailLength)),
        ("keyFingerprint", Schema.String(
            "The SHA-256 (hex) of the public key by which tokens are signed or asked for, as openssl prints it: the default account's, or "
            + "another's where that has no key.",
            FingerprintLength)),
        ("conditions", Schema.Map(
            "Ready, Available, ClaimsValid and CredentialsValid; what the reasons mean and what to do is in docs/conditions.md.",
            16,
            "type",
            Schema.Object(
                "One aspect of the emulator.",
                ["lastTransitionTime", "message", "reason", "status", "type"],
                ("type", Schema.String("The aspect.", 316)),
                ("status", Schema.Choice("Whether it holds.", ["True", "False", "Unknown"])),
                ("observedGeneration", new JsonObject
                {
                    ["description"] = "The generation of the specification that this condition speaks of.",
                    ["type"] = "integer",
                    ["format"] = "int64",
                    ["minimum"] = 0,
                }),
                ("lastTransitionTime", Schema.String("When the status last changed.", 32, format: "date-time")),
                ("reason", Schema.String("Why, in one word.", 1024, "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")),
                ("message", Schema.String("Why, in sentences.", SentenceLength))))));
}
