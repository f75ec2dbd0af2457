using Mds.Tests;

namespace Mds.Conformance.Tests;

/// <summary>A path of the complete machine that the tree's own tests describe, with what it answers in each form.</summary>
/// <param name="Path">The path.</param>
/// <param name="Kind">Directory, Leaf, or a kind of token.</param>
/// <param name="Renderings">By the query that asks for it: the type and the body; <see langword="null"/> for what is refused.</param>
public sealed record GoldenNode(string Path, string Kind, IReadOnlyDictionary<string, (string Type, string Body)?> Renderings)
{
    /// <summary>The claims of the machine.</summary>
    public static string Claims => Repository.PathOf("tests/Mds.Metadata.Tests/testdata/instance.json");

    /// <summary>Its paths.</summary>
    public static IReadOnlyList<GoldenNode> All { get; } =
        [.. $"\n{Repository.Read("tests/Mds.Metadata.Tests/testdata/instance.golden")}".Split("\n## ").Skip(1).Select(Parse)];

    private static GoldenNode Parse(string section)
    {
        var forms = section.Split("\n-- ");
        var title = forms[0].Split('\n')[0].Split("  ");
        return new GoldenNode(title[0], title[1].Split(' ')[0], forms.Skip(1).ToDictionary(form => Query(form.Split(':')[0]), Rendering));
    }

    private static string Query(string form) => form switch
    {
        "plain" => "",
        "recursive" => "?recursive=true",
        "recursive alt=text" => "?recursive=true&alt=text",
        _ => $"?{form}",
    };

    private static (string Type, string Body)? Rendering(string form)
    {
        var lines = form.TrimEnd('\n').Split('\n');
        var type = lines[0].Split(": ")[1];
        return type == "refused" ? null : (type, string.Join('\n', lines.Skip(1).Select(line => line["   |".Length..])));
    }
}
