using System.Text.Json.Nodes;
using YamlDotNet.RepresentationModel;

namespace Mds.Charts.Tests;

/// <summary>One key of values.yaml with the comment above it.</summary>
/// <param name="Path">Such as <c>webhook.port</c>.</param>
/// <param name="Comment">The comment's lines as one; empty when there is none.</param>
/// <param name="Default">What it is when nobody sets it.</param>
/// <param name="Children">The keys inside that have comments of their own; none when the value is set as a whole.</param>
internal sealed record ChartValue(string Path, string Comment, JsonNode? Default, IReadOnlyList<ChartValue> Children)
{
    /// <summary>Every value that somebody sets, with the sections opened.</summary>
    public IEnumerable<ChartValue> Settable => Children.Count == 0 ? [this] : Children.SelectMany(child => child.Settable);

    public IEnumerable<ChartValue> All => Children.SelectMany(child => child.All).Prepend(this);

    public static IReadOnlyList<ChartValue> Parse(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Read((YamlMappingNode)stream.Documents[0].RootNode, yaml.Split('\n'), prefix: "");
    }

    private static List<ChartValue> Read(YamlMappingNode mapping, string[] lines, string prefix)
    {
        var values = new List<ChartValue>();
        foreach (var (key, node) in mapping.Children)
        {
            var path = prefix + ((YamlScalarNode)key).Value;
            var children = node is YamlMappingNode section ? Read(section, lines, path + ".") : [];
            // A map none of whose keys is explained is one value, such as a security context.
            values.Add(new ChartValue(
                path,
                CommentAbove(lines, (int)key.Start.Line - 1),
                Manifest.FromYaml(node),
                children.Any(child => child.Comment.Length > 0) ? children : []));
        }

        return values;
    }

    private static string CommentAbove(string[] lines, int line) =>
        string.Join(' ', lines.Take(line).Reverse().Select(l => l.Trim()).TakeWhile(l => l.StartsWith('#')).Reverse().Select(l => l.TrimStart('#').Trim()));
}
