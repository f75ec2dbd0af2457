using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Operator.Emulators;

/// <summary>JSON for people to read: indented, and with nothing escaped that need not be.</summary>
internal static class JsonText
{
    private static readonly JsonSerializerOptions Readable = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        TypeInfoResolver = new System.Text.Json.Serialization.Metadata.DefaultJsonTypeInfoResolver(),
    };

    /// <summary>Writes it, with a line feed at the end.</summary>
    public static string Indented(JsonNode node) => $"{node.ToJsonString(Readable)}\n";
}
