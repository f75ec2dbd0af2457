using System.Text;

namespace Mds.Metadata.Tests.Tree;

public sealed class MetadataTreeGoldenTests
{
    [Fact]
    public void Build_CompleteInstance_EveryPathInEveryRendering()
    {
        var tree = MetadataTree.Build(Claims.Parse(File.ReadAllBytes(Repository.PathOf("tests/Mds.Metadata.Tests/testdata/instance.json")), "instance.json"));
        var document = new StringBuilder();
        foreach (var path in tree.Paths.Order(StringComparer.Ordinal))
        {
            var node = tree.Find(path)!;
            document.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"## {path}{(node.IsDirectory ? "/" : "")}  {node.Kind} {node.Template}\n");
            if (node.Account is { } account)
            {
                document.Append($"   names  {string.Join(' ', account.Names)}\n   scopes {string.Join(' ', account.Scopes)}\n");
                continue;
            }

            Append(document, "", node.Render());
            Append(document, "alt=json", node.Render(alt: MetadataAlt.Json));
            Append(document, "alt=text", node.Render(alt: MetadataAlt.Text));
            if (node.IsDirectory)
            {
                Append(document, "recursive", node.Render(recursive: true));
                Append(document, "recursive alt=text", node.Render(recursive: true, MetadataAlt.Text));
            }
        }

        Golden.Verify("tests/Mds.Metadata.Tests/testdata/instance.golden", document.ToString());
    }

    /// <summary>One rendering; each line of a body begins with a bar, so that its end shows whether a newline is there.</summary>
    private static void Append(StringBuilder document, string query, MetadataRendering? rendering)
    {
        document.Append($"-- {(query.Length == 0 ? "plain" : query)}: ");
        document.Append(rendering is { } r
            ? $"{r.ContentType}\n   |{Encoding.UTF8.GetString(r.Body.Span).Replace("\n", "\n   |", StringComparison.Ordinal)}\n"
            : "refused\n");
    }
}
