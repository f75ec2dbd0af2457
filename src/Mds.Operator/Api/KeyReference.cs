using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>One key of a Secret or ConfigMap in the emulator's own namespace.</summary>
/// <param name="Name">The object's name.</param>
/// <param name="Key">The key in it.</param>
internal sealed record KeyReference(string Name, string Key)
{
    /// <summary>Reads the reference in a field.</summary>
    /// <param name="parent">The object with that field.</param>
    /// <param name="field">The field.</param>
    public static KeyReference Read(SpecReader parent, string field)
    {
        var reference = parent.Object(field);
        return new KeyReference(ReadName(reference), reference.RequiredString("key"));
    }

    /// <summary>Reads the name of an object that is referred to.</summary>
    /// <param name="reference">The reference.</param>
    public static string ReadName(SpecReader reference)
    {
        var name = reference.RequiredString("name");
        if (name.Length > 0 && !EmulatorReader.IsObjectName(name))
        {
            reference.Problem(MetadataEmulatorSchema.ObjectNameSentence, "name");
        }

        return name;
    }

    /// <summary>Reads <c>field: {secretKeyRef: …}</c>; null when the field is not set.</summary>
    /// <param name="parent">The object with that field.</param>
    /// <param name="field">The field.</param>
    public static KeyReference? ReadSource(SpecReader parent, string field) =>
        parent.Has(field) ? Read(parent.Object(field), "secretKeyRef") : null;

    /// <summary>The schema of a reference to a Secret.</summary>
    /// <param name="description">What is at that key.</param>
    public static JsonObject SecretSchema(string description) =>
        Schema($"{description} A key of a Secret in the emulator's namespace.", "Secret");

    /// <summary>The schema of <c>{secretKeyRef: …}</c>.</summary>
    /// <param name="description">What is at that key.</param>
    public static JsonObject SecretSourceSchema(string description) =>
        Api.Schema.Object(description, ["secretKeyRef"], ("secretKeyRef", SecretSchema("Where it is.")));

    /// <summary>The schema of a reference.</summary>
    /// <param name="description">What is at that key.</param>
    /// <param name="kind">The kind of object.</param>
    public static JsonObject Schema(string description, string kind) => Api.Schema.Object(
        description,
        ["key", "name"],
        ("name", NameSchema(kind)),
        ("key", Api.Schema.String($"The key in the {kind}.", 253, "^[-._a-zA-Z0-9]+$")));

    /// <summary>The schema of an object's name.</summary>
    /// <param name="kind">The kind of object.</param>
    public static JsonObject NameSchema(string kind) =>
        Api.Schema.String($"The {kind}'s name.", MetadataEmulator.MaxObjectNameLength, MetadataEmulator.ObjectNamePattern);
}
