using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Mds.Server.CommandLine;

namespace Mds.Server.Admin.Api;

/// <summary>Reads the members of a request's body as what they have to be, with an error for each that is not.</summary>
internal sealed partial class ApiBody
{
    // Longer than any test; short enough for every clock and timer.
    private static readonly TimeSpan LongestDuration = TimeSpan.FromDays(30);

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly JsonObject _members = [];
    private readonly List<string> _known = [];
    private readonly List<ApiError> _errors = [];

    /// <summary>Reads a body.</summary>
    /// <param name="utf8">The body; nothing is an object without members.</param>
    public ApiBody(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.IsEmpty)
        {
            return;
        }

        try
        {
            if (!HasText(utf8.Span))
            {
                _errors.Add(new ApiError("$", "A text of the body is not valid Unicode in UTF-8."));
            }
            else if (JsonNode.Parse(utf8.Span, documentOptions: Strict) is JsonObject members)
            {
                _members = members;
            }
            else
            {
                _errors.Add(new ApiError("$", "The body must be a JSON object."));
            }
        }
        catch (JsonException exception) when (exception.LineNumber is not null)
        {
            _errors.Add(new ApiError("$", $"The body is not JSON at line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}."));
        }
        catch (JsonException)
        {
            _errors.Add(new ApiError("$", "A key stands twice in the body. Keep one of the two."));
        }
    }

    /// <summary>Everything that is wrong, members that nobody asked for included.</summary>
    public IReadOnlyList<ApiError> Errors
    {
        get
        {
            var unknown = _members.Select(member => member.Key).Except(_known).Select(key => new ApiError(
                $"$.{key}",
                NearestName.Of(key, _known) is { } nearest ? $"This key is not known. Did you mean \"{nearest}\"?"
                    : $"This key is not known. Known are {string.Join(", ", _known)}."));
            return [.. _errors, .. unknown];
        }
    }

    /// <summary>Whether a member is given.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Adds an error.</summary>
    public void Fail(string key, string message) => _errors.Add(new ApiError($"$.{key}", message));

    /// <summary>Text.</summary>
    public string Text(string key, string otherwise) =>
        Find(key) is not { } value ? otherwise
        : value is JsonValue scalar && scalar.TryGetValue<string>(out var text) && text.Length > 0 ? text
        : Wrong(key, "text", otherwise);

    /// <summary>One of some words, in any case.</summary>
    public string Word(string key, string otherwise, params IReadOnlyList<string> words) =>
        Find(key) is not { } value ? otherwise
        : value is JsonValue scalar && scalar.TryGetValue<string>(out var text)
            && words.FirstOrDefault(word => word.Equals(text, StringComparison.OrdinalIgnoreCase)) is { } found ? found
        : Wrong(key, $"one of {string.Join(", ", words)}", otherwise);

    /// <summary>A whole number within limits.</summary>
    public int? Number(string key, int least, int most) =>
        Find(key) is not { } value ? null
        : value is JsonValue scalar && scalar.TryGetValue<int>(out var number) && number >= least && number <= most ? number
        : Wrong(key, $"a whole number from {least} to {most}", (int?)null);

    /// <summary>A probability.</summary>
    public double Probability(string key) =>
        Find(key) is not { } value ? 1
        : value is JsonValue scalar && scalar.TryGetValue<double>(out var number) && number is >= 0 and <= 1 ? number
        : Wrong(key, "a number from 0 to 1", 1);

    /// <summary>A length of time: a number of seconds, or text such as <c>"500ms"</c>, <c>"30s"</c>, <c>"2m"</c>, <c>"1h"</c>.</summary>
    public TimeSpan Duration(string key, TimeSpan otherwise)
    {
        if (Find(key) is not { } value)
        {
            return otherwise;
        }

        double? seconds = null;
        if (value is JsonValue scalar)
        {
            seconds = scalar.TryGetValue<double>(out var number) ? number
                : scalar.TryGetValue<string>(out var text) && DurationText().Match(text) is { Success: true } match
                    ? double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * match.Groups["unit"].Value switch
                    {
                        "ms" => 0.001,
                        "m" => 60,
                        "h" => 3600,
                        _ => 1,
                    }
                : null;
        }

        return seconds is >= 0 && seconds <= LongestDuration.TotalSeconds
            ? TimeSpan.FromSeconds(seconds.Value)
            : Wrong(key, $"a number of seconds or a text such as \"500ms\", \"30s\", \"2m\", \"1h\", at most {LongestDuration.TotalDays} days", otherwise);
    }

    // Whoever reads a text finds out whether it is one; here that is everybody's first question.
    private static bool HasText(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                {
                    _ = reader.GetString();
                }
            }

            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private JsonNode? Find(string key)
    {
        if (!_known.Contains(key))
        {
            _known.Add(key);
        }

        return _members[key];
    }

    private T Wrong<T>(string key, string expected, T otherwise)
    {
        Fail(key, $"Found {_members[key]!.ToJsonString()}, expected {expected}.");
        return otherwise;
    }

    [GeneratedRegex("^(?<number>[0-9]+(\\.[0-9]+)?)(?<unit>ms|s|m|h)$", RegexOptions.CultureInvariant)]
    private static partial Regex DurationText();
}
