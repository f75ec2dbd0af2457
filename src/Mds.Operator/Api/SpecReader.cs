using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mds.Operator.Api;

/// <summary>
/// Reads the fields of one JSON object and remembers each that has the wrong type, as a sentence with its JSON path. The
/// API server's schema refuses most of that already; an object written under an older schema, or none, is read all the same.
/// </summary>
/// <param name="source">The object; null reads as one without fields.</param>
/// <param name="path">Its JSON path.</param>
/// <param name="problems">Where problems go.</param>
internal readonly struct SpecReader(JsonObject? source, string path, ICollection<string> problems)
{
    /// <summary>The object itself.</summary>
    public JsonObject? Source { get; } = source;

    /// <summary>The object's JSON path.</summary>
    public string Path { get; } = path;

    /// <summary>Whether a field is there and not null.</summary>
    public bool Has(string field) => Source?[field] is not null;

    /// <summary>Notes a problem of this object, or of one of its fields.</summary>
    public void Problem(string sentence, string? field = null) =>
        problems.Add($"{(field is null ? Path : $"{Path}.{field}")}: {sentence}");

    /// <summary>The object in a field, or nothing.</summary>
    public SpecReader Object(string field) => new(As<JsonObject>(field, "an object"), $"{Path}.{field}", problems);

    /// <summary>The objects of a list.</summary>
    public IEnumerable<SpecReader> Objects(string field)
    {
        var items = As<JsonArray>(field, "a list") ?? [];
        for (var i = 0; i < items.Count; i++)
        {
            var item = new SpecReader(items[i] as JsonObject, $"{Path}.{field}[{i}]", problems);
            if (item.Source is null)
            {
                item.Problem("must be an object.");
                continue;
            }

            yield return item;
        }
    }

    /// <summary>A text, or null.</summary>
    public string? String(string field)
    {
        if (Source?[field] is not { } node)
        {
            return null;
        }

        if (node.GetValueKind() == JsonValueKind.String)
        {
            return node.GetValue<string>();
        }

        Problem("must be a string.", field);
        return null;
    }

    /// <summary>A text of a format, or null.</summary>
    public string? String(string field, TextFormat format)
    {
        var value = String(field);
        if (value is not null && !format.IsMatch(value))
        {
            Problem(format.Sentence, field);
        }

        return value;
    }

    /// <summary>A text of a format that must be there.</summary>
    public string RequiredString(string field, TextFormat format)
    {
        var value = RequiredString(field);
        if (value.Length > 0 && !format.IsMatch(value))
        {
            Problem(format.Sentence, field);
        }

        return value;
    }

    /// <summary>A text that must be there and not empty.</summary>
    public string RequiredString(string field)
    {
        var value = String(field);
        if (string.IsNullOrEmpty(value) && (Source?[field] is null || value is not null))
        {
            Problem("must be set.", field);
        }

        return value ?? "";
    }

    /// <summary>The texts of a list.</summary>
    public ImmutableArray<string> Strings(string field)
    {
        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var item in As<JsonArray>(field, "a list") ?? [])
        {
            if (item?.GetValueKind() == JsonValueKind.String)
            {
                values.Add(item.GetValue<string>());
            }
            else
            {
                Problem("must be a list of strings.", field);
                break;
            }
        }

        return values.ToImmutable();
    }

    /// <summary>The texts of a list, each of a format.</summary>
    public ImmutableArray<string> Strings(string field, TextFormat format)
    {
        var values = Strings(field);
        for (var i = 0; i < values.Length; i++)
        {
            if (!format.IsMatch(values[i]))
            {
                Problem(format.Sentence, $"{field}[{i}]");
            }
        }

        return values;
    }

    /// <summary>The whole numbers of a list, each between two others.</summary>
    public ImmutableArray<int> Integers(string field, int minimum, int maximum)
    {
        var values = ImmutableArray.CreateBuilder<int>();
        foreach (var item in As<JsonArray>(field, "a list") ?? [])
        {
            if (item is null || !int.TryParse(item.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                || value < minimum || value > maximum)
            {
                Problem($"must be a list of whole numbers from {minimum} to {maximum}.", field);
                break;
            }

            values.Add(value);
        }

        return values.ToImmutable();
    }

    /// <summary>The texts of an object, by key.</summary>
    public ImmutableSortedDictionary<string, string> StringMap(string field)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in As<JsonObject>(field, "an object") ?? [])
        {
            if (value?.GetValueKind() == JsonValueKind.String)
            {
                values[key] = value.GetValue<string>();
            }
            else
            {
                Problem($"the value of {key} must be a string.", field);
            }
        }

        return values.ToImmutable();
    }

    /// <summary>A yes or no.</summary>
    public bool Boolean(string field, bool otherwise)
    {
        switch (Source?[field]?.GetValueKind())
        {
            case null:
                return otherwise;
            case JsonValueKind.True:
                return true;
            case JsonValueKind.False:
                return false;
            default:
                Problem("must be true or false.", field);
                return otherwise;
        }
    }

    /// <summary>A whole number between two others.</summary>
    public int Integer(string field, int otherwise, int minimum, int maximum)
    {
        if (Source?[field] is not { } node)
        {
            return otherwise;
        }

        if (int.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            && value >= minimum && value <= maximum)
        {
            return value;
        }

        Problem($"must be a whole number from {minimum} to {maximum}.", field);
        return otherwise;
    }

    /// <summary>One of the names of an enumeration, in its own letters.</summary>
    public T Choice<T>(string field, T otherwise)
        where T : struct, Enum
    {
        if (String(field) is not { } text)
        {
            return otherwise;
        }

        foreach (var value in Enum.GetValues<T>())
        {
            if (value.ToString() == text)
            {
                return value;
            }
        }

        Problem($"must be one of {string.Join(", ", Enum.GetNames<T>())}, and is {text}.", field);
        return otherwise;
    }

    private T? As<T>(string field, string what)
        where T : JsonNode
    {
        var node = Source?[field];
        if (node is not null and not T)
        {
            Problem($"must be {what}.", field);
        }

        return node as T;
    }
}
