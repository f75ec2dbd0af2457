using System.Text.Json;

namespace Mds.Credentials;

/// <summary>One object of a credential file, read with a sentence for each thing that is not as it should be; none quotes a value.</summary>
/// <param name="element">The object.</param>
/// <param name="source">What to call the file: its path.</param>
/// <param name="path">Where in the file the object is; empty for the file itself.</param>
internal readonly struct CredentialJson(JsonElement element, string source, string path = "")
{
    /// <summary>What to call the file.</summary>
    public string Source { get; } = source;

    /// <summary>Reads a file and makes something of it.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="source">What to call it: its path.</param>
    /// <param name="expected">What it should be: <c>a service account key</c>.</param>
    /// <param name="read">Makes something of the object in it.</param>
    /// <exception cref="TokenSourceException">It is not JSON, or nothing can be made of it.</exception>
    public static T Read<T>(ReadOnlyMemory<byte> utf8, string source, string expected, Func<CredentialJson, T> read)
    {
        using var document = Parse(utf8, source, expected);
        try
        {
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? read(new(document.RootElement, source))
                : throw Unusable($"{source} holds a JSON {Kind(document.RootElement.ValueKind)}, not the object of {expected}.");
        }
        catch (InvalidOperationException)
        {
            // The parser looks at bytes; what they mean is only found out when a string is wanted.
            throw Unusable($"{source} holds text that is not valid Unicode; it was damaged on its way. Use the file as it was made.");
        }
    }

    /// <summary>Whether there is anything under a name.</summary>
    public bool Has(string name) => element.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null;

    /// <summary>The text under a name; <see langword="null"/> when there is none.</summary>
    public string? Text(string name)
    {
        if (!Has(name))
        {
            return null;
        }

        var value = element.GetProperty(name);
        return value.ValueKind is JsonValueKind.String
            ? value.GetString()
            : throw Unusable($"{Place(name)} is a JSON {Kind(value.ValueKind)} where a string belongs.");
    }

    /// <summary>The text under a name that must be there.</summary>
    public string Required(string name) => Text(name) is { } text && !string.IsNullOrWhiteSpace(text)
        ? text
        : throw Unusable($"{Place(name)} is missing; the file was cut down or written by hand. Use the file as it was made.");

    /// <summary>The whole number under a name; <see langword="null"/> when there is none.</summary>
    public long? Number(string name) => !Has(name) ? null
        : element.GetProperty(name).ValueKind is JsonValueKind.Number && element.GetProperty(name).TryGetInt64(out var number) ? number
        : throw Unusable($"{Place(name)} is not a whole number.");

    /// <summary>The whole number under a name, which has to be within bounds; <see langword="null"/> when there is none.</summary>
    public long? Number(string name, long least, long most) => Number(name) is not { } number || (number >= least && number <= most)
        ? Number(name)
        : throw Unusable($"{Place(name)} is not from {least} to {most}.");

    /// <summary>The web address under a name; <see langword="null"/> when there is none.</summary>
    public Uri? Address(string name) => Text(name) is not { Length: > 0 } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri
        : throw Unusable($"{Place(name)} is not a web address.");

    /// <summary>The universe domain, which addresses are made of; <see langword="null"/> when there is none.</summary>
    public string? Universe() => Text("universe_domain") is not { Length: > 0 } text ? null
        : Uri.CheckHostName(text) is UriHostNameType.Dns ? text
        : throw Unusable($"{Place("universe_domain")} is not a domain. Give one as in \"googleapis.com\".");

    /// <summary>The object under a name; <see langword="null"/> when there is none.</summary>
    public CredentialJson? Object(string name) => !Has(name) ? null
        : element.GetProperty(name) is { ValueKind: JsonValueKind.Object } value ? new(value, Source, Path(name))
        : throw Unusable($"{Place(name)} is a JSON {Kind(element.GetProperty(name).ValueKind)} where an object belongs.");

    /// <summary>The texts of an object, by name: the headers of a request.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Texts()
    {
        var json = this;
        return [.. element.EnumerateObject().Select(property => KeyValuePair.Create(property.Name, json.Text(property.Name) ?? ""))];
    }

    /// <summary>The texts of the list under a name; none when there is no list.</summary>
    public IReadOnlyList<string> List(string name)
    {
        if (!Has(name))
        {
            return [];
        }

        var place = Place(name);
        return element.GetProperty(name) is { ValueKind: JsonValueKind.Array } list
            ? [.. list.EnumerateArray().Select(item => item.ValueKind is JsonValueKind.String
                ? item.GetString()!
                : throw Unusable($"{place} holds a JSON {Kind(item.ValueKind)} where a string belongs."))]
            : throw Unusable($"{place} is a JSON {Kind(element.GetProperty(name).ValueKind)} where a list belongs.");
    }

    /// <summary>Names a place for an error message: <c>"credential_source.file" of cred.json</c>.</summary>
    public string Place(string name) => $"\"{Path(name)}\" of {Source}";

    public static TokenSourceException Unusable(string message) => new(TokenSourceFault.Unusable, message);

    private string Path(string name) => path.Length == 0 ? name : $"{path}.{name}";

    private static JsonDocument Parse(ReadOnlyMemory<byte> utf8, string source, string expected)
    {
        ReadOnlySpan<byte> byteOrderMark = [0xEF, 0xBB, 0xBF];
        if (utf8.Span.StartsWith(byteOrderMark))
        {
            utf8 = utf8[byteOrderMark.Length..];
        }

        if (utf8.Span.IndexOfAnyExcept(" \t\r\n"u8) < 0)
        {
            throw Unusable($"{source} is empty; {expected} was expected.");
        }

        if (utf8.Span.TrimStart(" \t\r\n"u8).StartsWith("-----BEGIN"u8))
        {
            throw Unusable(
                $"{source} is a PEM file; the JSON file that the private key came in is needed, since it also says whose key it is.");
        }

        try
        {
            return JsonDocument.Parse(utf8);
        }
        catch (JsonException e)
        {
            // Neither the parser's message nor the exception goes on: both can quote what they stumbled over.
            throw Unusable($"{source} is not JSON (line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}); {expected} was expected.");
        }
    }

    private static string Kind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => kind.ToString().ToLowerInvariant(),
    };
}
