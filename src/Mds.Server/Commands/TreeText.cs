using System.Text;
using Mds.Metadata;

namespace Mds.Server.Commands;

/// <summary>A tree as text for people: a line for each path below <c>/computeMetadata/v1/</c>, with its value.</summary>
internal static class TreeText
{
    private const string Top = "/computeMetadata/v1/";
    private const int LongestValue = 100;
    private const int WidestPath = 60;

    /// <summary>Renders a tree.</summary>
    public static string Render(MetadataTree tree)
    {
        var lines = Lines(tree).ToList();
        var width = lines.Select(line => line.Path.Length).Where(length => length <= WidestPath).DefaultIfEmpty().Max();
        var text = new StringBuilder(Top).Append('\n');
        foreach (var (path, value) in lines)
        {
            text.Append("  ").Append(path.PadRight(width)).Append("  ").Append(value).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(string Path, string Value)> Lines(MetadataTree tree)
    {
        // A second spelling leads to the same node, which is shown under its first.
        var shown = new HashSet<MetadataNode>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in tree.Nodes)
        {
            if (!path.StartsWith(Top, StringComparison.Ordinal) || !shown.Add(node))
            {
                continue;
            }

            var name = path[Top.Length..];
            if (!node.IsDirectory)
            {
                yield return (name, Value(name, node));
            }
            else if (node.Refusal is not null || node.Render() is { Body.IsEmpty: true })
            {
                yield return (name + "/", Value(name, node));
            }
        }
    }

    private static string Value(string path, MetadataNode node) => node switch
    {
        { Refusal: MetadataRefusal.GuestAttributesDisabled } => "(switched off: 403)",
        { Refusal: not null } => "(not configured: 412)",
        { IsDirectory: true } => "(empty)",
        { Kind: MetadataNodeKind.AccessToken } => "(an access token, where the account has a credential)",
        { Kind: MetadataNodeKind.IdentityToken } => "(an identity token, where the account has a credential)",
        { Kind: MetadataNodeKind.Query } => "(answers queries)",
        _ => Leaf(path, Encoding.UTF8.GetString(node.Render()!.Value.Body.Span)),
    };

    private static string Leaf(string path, string value)
    {
        if (value.Length == 0)
        {
            return "(empty)";
        }

        if (SecretClaims.IsSecret(path, value))
        {
            return $"(not shown, {value.Length} characters)";
        }

        var line = value.Trim('\n').Replace("\n", "\\n", StringComparison.Ordinal);
        line = string.Concat(line.Select(c => char.IsControl(c) ? '?' : c));
        return line.Length <= LongestValue ? line : $"{line[..LongestValue]}… ({value.Length} characters)";
    }
}
