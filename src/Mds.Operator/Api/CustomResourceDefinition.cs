using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>The CustomResourceDefinition of MetadataEmulator, as <c>mds-operator crd</c> prints it.</summary>
internal static class CustomResourceDefinition
{
    /// <summary>Builds it.</summary>
    /// <param name="cel">Whether for API servers that check rules (Kubernetes 1.25 and later).</param>
    public static JsonObject Build(bool cel) => new()
    {
        ["apiVersion"] = "apiextensions.k8s.io/v1",
        ["kind"] = "CustomResourceDefinition",
        ["metadata"] = new JsonObject { ["name"] = $"{MetadataEmulator.Type.Plural}.{MetadataEmulator.Group}" },
        ["spec"] = new JsonObject
        {
            ["group"] = MetadataEmulator.Group,
            ["names"] = new JsonObject
            {
                ["categories"] = new JsonArray("mds"),
                ["kind"] = MetadataEmulator.Type.Kind,
                ["listKind"] = $"{MetadataEmulator.Type.Kind}List",
                ["plural"] = MetadataEmulator.Type.Plural,
                ["shortNames"] = new JsonArray("mde"),
                ["singular"] = "metadataemulator",
            },
            ["scope"] = "Namespaced",
            ["versions"] = new JsonArray(new JsonObject
            {
                ["name"] = MetadataEmulator.Version,
                ["served"] = true,
                ["storage"] = true,
                ["subresources"] = new JsonObject { ["status"] = new JsonObject() },
                ["additionalPrinterColumns"] = new JsonArray(
                    Column("Ready", "string", ".status.conditions[?(@.type==\"Ready\")].status"),
                    Column("Reason", "string", ".status.conditions[?(@.type==\"Ready\")].reason"),
                    Column("Credentials", "string", ".status.conditions[?(@.type==\"CredentialsValid\")].reason"),
                    Column("Endpoint", "string", ".status.endpoint.host"),
                    Column("Principal", "string", ".status.principal", priority: 1),
                    Column("Mode", "string", ".spec.mode", priority: 1),
                    Column("Age", "date", ".metadata.creationTimestamp"),
                    // Last, since it is as long as it has to be.
                    Column("Message", "string", ".status.conditions[?(@.type==\"Ready\")].message", priority: 1)),
                ["schema"] = new JsonObject { ["openAPIV3Schema"] = MetadataEmulatorSchema.Build(cel) },
            }),
        },
    };

    private static JsonObject Column(string name, string type, string path, int priority = 0) =>
        new JsonObject { ["name"] = name, ["type"] = type, ["jsonPath"] = path }
            .With("priority", priority == 0 ? null : priority);
}
