using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>The words of OpenAPI v3 as Kubernetes takes it (structural schemas), so that a schema reads as data.</summary>
internal static class Schema
{
    /// <summary>A text.</summary>
    public static JsonObject String(string description, int maxLength, string? pattern = null, string? @default = null, string? format = null) =>
        Of("string", description)
            .With("default", @default)
            .With("format", format)
            .With("maxLength", maxLength)
            .With("pattern", pattern);

    /// <summary>A text of a format.</summary>
    public static JsonObject String(string description, int maxLength, TextFormat format) =>
        String(description, maxLength, format.Pattern);

    /// <summary>One of some words.</summary>
    public static JsonObject Choice(string description, IEnumerable<string> words, string? @default = null) =>
        Of("string", description)
            .With("default", @default)
            .With("enum", new JsonArray([.. words.Select(word => JsonValue.Create(word))]));

    /// <summary>A whole number of 32 bits.</summary>
    public static JsonObject Integer(string description, int minimum, int maximum, int? @default = null) =>
        Of("integer", description)
            .With("default", @default)
            .With("format", "int32")
            .With("maximum", maximum)
            .With("minimum", minimum);

    /// <summary>A yes or no.</summary>
    public static JsonObject Boolean(string description, bool? @default = null) =>
        Of("boolean", description).With("default", @default);

    /// <summary>An object of known fields.</summary>
    public static JsonObject Object(string description, IEnumerable<string> required, params ReadOnlySpan<(string Name, JsonObject Schema)> properties)
    {
        var fields = new JsonObject();
        foreach (var (name, schema) in properties)
        {
            fields[name] = schema;
        }

        var names = new JsonArray([.. required.Select(name => JsonValue.Create(name))]);
        return Of("object", description)
            .With("properties", fields)
            .With("required", names.Count > 0 ? names : null);
    }

    /// <summary>An object of texts by any key.</summary>
    public static JsonObject StringMap(string description, int maxProperties, int maxLength) =>
        Of("object", description)
            .With("additionalProperties", new JsonObject { ["type"] = "string", ["maxLength"] = maxLength })
            .With("maxProperties", maxProperties);

    /// <summary>An object of any fields, kept as it is.</summary>
    public static JsonObject Anything(string description) =>
        Of("object", description).With("x-kubernetes-preserve-unknown-fields", true);

    /// <summary>A list whose order matters and whose items may repeat.</summary>
    public static JsonObject List(string description, int maxItems, JsonObject items) =>
        Of("array", description)
            .With("items", items)
            .With("maxItems", maxItems)
            .With("x-kubernetes-list-type", "atomic");

    /// <summary>A list whose items differ.</summary>
    public static JsonObject Set(string description, int maxItems, JsonObject items) =>
        Of("array", description)
            .With("items", items)
            .With("maxItems", maxItems)
            .With("x-kubernetes-list-type", "set");

    /// <summary>A list whose items have a key, so that several parties can each own some of them.</summary>
    public static JsonObject Map(string description, int maxItems, string key, JsonObject items) =>
        Of("array", description)
            .With("items", items)
            .With("maxItems", maxItems)
            .With("x-kubernetes-list-map-keys", new JsonArray(key))
            .With("x-kubernetes-list-type", "map");

    /// <summary>Adds a keyword, unless there is nothing to add.</summary>
    public static JsonObject With(this JsonObject schema, string keyword, JsonNode? value)
    {
        if (value is not null)
        {
            schema[keyword] = value;
        }

        return schema;
    }

    /// <summary>Adds a rule in the Common Expression Language, checked by API servers from Kubernetes 1.25 on.</summary>
    public static JsonObject WithRule(this JsonObject schema, string rule, string message)
    {
        if (schema["x-kubernetes-validations"] is not JsonArray rules)
        {
            schema["x-kubernetes-validations"] = rules = [];
        }

        rules.Add(new JsonObject { ["rule"] = rule, ["message"] = message });
        return schema;
    }

    /// <summary>What has a field, for the words of JSON schema that combine such.</summary>
    public static JsonObject Required(string field) => new() { ["required"] = new JsonArray(field) };

    private static JsonObject Of(string type, string description) =>
        new() { ["description"] = description, ["type"] = type };
}
