using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Charts.Tests;

public sealed class ValuesTests
{
    private const string Begin = "<!-- The table is made from charts/mds/values.yaml by its test. -->\n";
    private const string End = "<!-- The end of the table. -->\n";

    private static readonly JsonSerializerOptions s_readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly IReadOnlyList<ChartValue> s_values = ChartValue.Parse(Repository.Read("charts/mds/values.yaml"));
    private static readonly JsonObject s_schema = JsonNode.Parse(Repository.Read("charts/mds/values.schema.json"))!.AsObject();

    [Fact]
    public void Values_EachOne_HasAComment()
    {
        Assert.All(s_values.SelectMany(value => value.All), value =>
            Assert.True(value.Comment.EndsWith('.') || value.Comment.EndsWith(']'), $"{value.Path} needs a comment above it, as a sentence; it has '{value.Comment}'."));
    }

    [Fact]
    public void Schema_EachValue_IsThereAndNothingElse()
    {
        var known = new List<string>();
        foreach (var value in s_values.SelectMany(value => value.All))
        {
            Assert.True(Find(value.Path) is not null, $"{value.Path} is in values.yaml but not in values.schema.json.");
            known.Add(value.Path);
        }

        foreach (var section in s_values.SelectMany(value => value.All).Where(value => value.Children.Count > 0))
        {
            var schema = Find(section.Path)!;
            Assert.All(schema["properties"]!.AsObject(), property => Assert.Contains($"{section.Path}.{property.Key}", known));
            // A parent chart's global values arrive here too.
            Assert.True(section.Path == "global" || schema["additionalProperties"]?.GetValueKind() == JsonValueKind.False, $"{section.Path} lets unknown keys pass.");
        }

        Assert.All(s_schema["properties"]!.AsObject(), property => Assert.Contains(property.Key, known));
    }

    [Fact]
    public void FullValues_EachValue_IsSet()
    {
        var full = Manifest.ParseAll(Repository.Read("charts/mds/ci/full-values.yaml")).Single().Content;

        Assert.All(s_values.SelectMany(value => value.Settable), value =>
            Assert.True(Descend(full, value.Path, static (node, key) => node[key]) is not null, $"ci/full-values.yaml does not set {value.Path}."));
    }

    [Fact]
    public void Documentation_TableOfValues_IsThatOfTheChart()
    {
        const string Page = "docs/install.md";
        var page = Repository.Read(Page);
        var (begin, end) = (page.IndexOf(Begin, StringComparison.Ordinal), page.IndexOf(End, StringComparison.Ordinal));
        Assert.True(begin >= 0 && end > begin, $"{Page} lacks the two comments between which the table of values is.");

        Golden.Verify(Page, page[..(begin + Begin.Length)] + Table() + page[end..]);
    }

    private static string Table()
    {
        var table = new StringBuilder("| value | default | |\n|---|---|---|\n");
        foreach (var value in s_values.SelectMany(value => value.Settable))
        {
            var byDefault = value.Default?.ToJsonString(s_readable);
            table.Append(null, $"| `{value.Path}` | {(byDefault is null or "\"\"" ? "" : $"`{byDefault}`")} | {value.Comment.Replace("|", "\\|")} |\n");
        }

        return table.ToString();
    }

    /// <summary>The schema of one value, with references followed.</summary>
    private static JsonNode? Find(string path) =>
        Descend(s_schema, path, static (schema, key) => schema["properties"]?[key] is { } property ? Resolve(property) : null);

    private static JsonNode Resolve(JsonNode schema) =>
        (string?)schema["$ref"] is { } reference ? s_schema["definitions"]![reference["#/definitions/".Length..]]! : schema;

    private static JsonNode? Descend(JsonNode from, string path, Func<JsonNode, string, JsonNode?> step) =>
        path.Split('.').Aggregate((JsonNode?)from, (node, key) => node is null ? null : step(node, key));
}
