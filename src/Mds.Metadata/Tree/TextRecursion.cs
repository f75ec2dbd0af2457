using System.Buffers;
using System.Text;

namespace Mds.Metadata;

/// <summary>
/// The form <c>recursive=true&amp;alt=text</c>: a line for each value, with its path relative to the directory; a line
/// for each element of a list; nothing for empty lists and directories (seen in a dump of a real server, 2022-01).
/// </summary>
internal static class TextRecursion
{
    public static byte[] Render(MetadataNode directory)
    {
        var lines = new ArrayBufferWriter<byte>();
        AppendEntries(directory, "", lines);
        return lines.WrittenSpan.ToArray();
    }

    private static void AppendEntries(MetadataNode directory, string prefix, ArrayBufferWriter<byte> lines)
    {
        foreach (var (name, node) in directory.Entries)
        {
            if (node.IsDirectory)
            {
                AppendEntries(node, $"{prefix}{name}/", lines);
                continue;
            }

            var path = Encoding.UTF8.GetBytes($"{prefix}{name} ");
            if (!node.IsList)
            {
                AppendLine(path, node.Text.Span, lines);
                continue;
            }

            for (var rest = node.Text.Span; !rest.IsEmpty; rest = rest[(rest.IndexOf((byte)'\n') + 1)..])
            {
                AppendLine(path, rest[..rest.IndexOf((byte)'\n')], lines);
            }
        }
    }

    private static void AppendLine(ReadOnlySpan<byte> path, ReadOnlySpan<byte> value, ArrayBufferWriter<byte> lines)
    {
        lines.Write(path);
        lines.Write(value);
        lines.Write("\n"u8);
    }
}
