using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>Reads JSON text into <see cref="ClaimValue"/>s: strict JSON, no key twice, numbers as written.</summary>
internal static class ClaimsReader
{
    /// <summary>A document without the byte order mark that some editors begin it with.</summary>
    public static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> utf8) =>
        utf8.Span.StartsWith(Encoding.UTF8.Preamble) ? utf8[Encoding.UTF8.Preamble.Length..] : utf8;

    /// <summary>Reads one document.</summary>
    /// <returns>The value; <see langword="null"/> when the text is not JSON, in which case <paramref name="errors"/> says why.</returns>
    public static ClaimValue? Read(ReadOnlySpan<byte> document, ClaimsErrorList errors)
    {
        if (document.Trim(" \t\r\n"u8).IsEmpty)
        {
            errors.Add(0, JsonPath.Root, "The document is empty. A JSON object is expected.");
            return null;
        }

        var reader = new Utf8JsonReader(document);
        try
        {
            reader.Read();
            var value = ReadValue(ref reader, JsonPath.Root, errors);
            reader.Read(); // Fails when anything but white space follows.
            return value;
        }
        catch (JsonException exception)
        {
            errors.Add(OffsetOf(document, exception), JsonPath.Root, "The document is not valid JSON: " + Reason(exception));
            return null;
        }
    }

    private static ClaimValue ReadValue(ref Utf8JsonReader reader, JsonPath path, ClaimsErrorList errors)
    {
        var offset = (int)reader.TokenStartIndex;
        return reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadObject(ref reader, offset, path, errors),
            JsonTokenType.StartArray => ReadArray(ref reader, offset, path, errors),
            JsonTokenType.String => ClaimValue.String(ReadText(ref reader, path, errors), offset),
            JsonTokenType.Number => ClaimValue.Number(Encoding.ASCII.GetString(reader.ValueSpan), offset),
            JsonTokenType.True => ClaimValue.Scalar(ClaimValueKind.Boolean, "true", offset),
            JsonTokenType.False => ClaimValue.Scalar(ClaimValueKind.Boolean, "false", offset),
            _ => ClaimValue.Scalar(ClaimValueKind.Null, "", offset),
        };
    }

    private static ClaimValue ReadObject(ref Utf8JsonReader reader, int offset, JsonPath path, ClaimsErrorList errors)
    {
        var members = ImmutableArray.CreateBuilder<ClaimMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var nameOffset = (int)reader.TokenStartIndex;
            var name = ReadText(ref reader, path, errors);
            var memberPath = path.Key(name);
            reader.Read();
            var value = ReadValue(ref reader, memberPath, errors);
            if (names.Add(name))
            {
                members.Add(new ClaimMember(name, value, nameOffset));
            }
            else
            {
                errors.Add(nameOffset, memberPath, $"The key \"{name}\" stands twice in the same object. Keep one of the two.");
            }
        }

        return ClaimValue.Object(members.ToImmutable(), offset);
    }

    private static ClaimValue ReadArray(ref Utf8JsonReader reader, int offset, JsonPath path, ClaimsErrorList errors)
    {
        var items = ImmutableArray.CreateBuilder<ClaimValue>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(ReadValue(ref reader, path.Index(items.Count), errors));
        }

        return ClaimValue.Array(items.ToImmutable(), offset);
    }

    private static string ReadText(ref Utf8JsonReader reader, JsonPath path, ClaimsErrorList errors)
    {
        try
        {
            return reader.GetString() ?? "";
        }
        catch (InvalidOperationException)
        {
            errors.Add((int)reader.TokenStartIndex, path,
                "A text holds bytes that are not UTF-8 or half of a surrogate pair. Write it as valid Unicode.");
            return "";
        }
    }

    private static int OffsetOf(ReadOnlySpan<byte> document, JsonException exception)
    {
        var offset = 0;
        for (var line = exception.LineNumber ?? 0; line > 0; line--)
        {
            offset += document[offset..].IndexOf((byte)'\n') + 1;
        }

        return offset + (int)(exception.BytePositionInLine ?? 0);
    }

    /// <summary>The parser's sentence without the position that it appends in its own way.</summary>
    private static string Reason(JsonException exception)
    {
        var end = exception.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}
