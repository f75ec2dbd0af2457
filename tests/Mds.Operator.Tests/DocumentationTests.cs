using System.Text;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using Mds.Operator.Api;
using Mds.Operator.Emulators;

namespace Mds.Operator.Tests;

public sealed class DocumentationTests
{
    [Fact]
    public void Conditions_Documentation_IsTheTableOfReasons()
    {
        var text = new StringBuilder();
        foreach (var (condition, meaning, reasons) in Reasons.Table)
        {
            text.Append($"## {condition}\n\n{meaning}\n\n| reason | status | meaning | what to do |\n|---|---|---|---|\n");
            foreach (var reason in reasons)
            {
                text.Append($"| `{reason.Name}` | {reason.Status} | {reason.Meaning} | {(reason.Remedy.Length > 0 ? reason.Remedy : "–")} |\n");
            }

            text.Append('\n');
        }

        Golden.VerifyFrom(
            "docs/conditions.md",
            "<!-- From here on, written from the operator's own table; change src/Mds.Operator/Emulators/Reasons.cs instead. -->",
            text.ToString().TrimEnd('\n') + "\n");
    }

    [Fact]
    public void Emulator_Documentation_HasEveryField()
    {
        var schema = MetadataEmulatorSchema.Build(cel: true)["properties"]!;
        var text = new StringBuilder("## Every field\n\n`kubectl explain mde.spec --recursive` shows the same.\n\n| field | type | default | meaning |\n|---|---|---|---|\n");
        foreach (var part in (string[])["spec", "status"])
        {
            Add(text, part, schema[part]!.AsObject());
        }

        Golden.VerifyFrom(
            "docs/emulator.md",
            "<!-- From here on, written from the schema; change src/Mds.Operator/Api/MetadataEmulatorSchema.cs instead. -->",
            text.ToString());
    }

    [Fact]
    public void Dependencies_Documentation_HasEveryPackageInItsVersion()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs/dependencies.md"));
        var packages = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion").ToList();

        Assert.NotEmpty(packages);
        Assert.All(packages, package => Assert.Contains(
            $"\n| {(string?)package.Attribute("Include")} | {(string?)package.Attribute("Version")} | ", page, StringComparison.Ordinal));
    }

    [Fact]
    public void Table_EveryReason_IsThereOnce()
    {
        var declared = typeof(Reasons).GetFields().Select(field => field.GetValue(null)).OfType<Reason>().ToList();

        Assert.All(Reasons.Table, entry => Assert.Equal(entry.Reasons.Count, entry.Reasons.Distinct().Count()));
        Assert.Equal(declared.ToHashSet(), Reasons.Table.SelectMany(entry => entry.Reasons).ToHashSet());
        Assert.Equal(declared.Count, declared.Select(reason => reason.Name).Distinct().Count());
    }

    private static void Add(StringBuilder text, string path, JsonObject schema)
    {
        var items = schema["items"] as JsonObject;
        var type = (string?)schema["type"];
        var kind = (type, items) switch
        {
            _ when schema["enum"] is JsonArray words => string.Join(", ", words.Select(word => (string?)word)),
            ("array", not null) => $"list of {(string?)items["type"]}s",
            ("object", _) when schema["additionalProperties"] is not null => "map",
            _ => type,
        };
        var @default = schema["default"]?.ToJsonString() ?? "";
        if (schema["description"] is { } description)
        {
            text.Append($"| `{path}` | {kind} | {(@default.Length > 0 ? $"`{@default.Trim('"')}`" : "")} | {(string?)description} |\n");
        }

        var (prefix, owner) = items is null ? (path, schema) : ($"{path}[]", items);
        foreach (var (name, field) in owner["properties"] as JsonObject ?? [])
        {
            Add(text, $"{prefix}.{name}", field!.AsObject());
        }
    }
}
