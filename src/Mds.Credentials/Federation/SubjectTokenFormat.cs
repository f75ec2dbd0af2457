using System.Text;
using System.Text.Json;

namespace Mds.Credentials;

/// <summary>How a subject token stands in what holds it: as the text itself, or as a field of a JSON object.</summary>
/// <param name="Field">The field; <see langword="null"/> for text.</param>
internal sealed record SubjectTokenFormat(string? Field)
{
    /// <summary>Takes the token out.</summary>
    /// <param name="content">What holds it.</param>
    /// <param name="name">What to call that, to begin a sentence with.</param>
    public string Read(ReadOnlyMemory<byte> content, string name)
    {
        var token = Field is null ? Encoding.UTF8.GetString(content.Span).Trim() : FieldOf(content, name);
        return token is { Length: > 0 } ? token : throw Unavailable($"{name} is empty where a token was expected.");
    }

    private string? FieldOf(ReadOnlyMemory<byte> content, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(content);
            return document.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty(Field!, out var value)
                && value.ValueKind is JsonValueKind.String
                ? value.GetString()
                : throw Unavailable($"{name} is not a JSON object with a string \"{Field}\" (credential_source.format.subject_token_field_name).");
        }
        catch (JsonException)
        {
            throw Unavailable($"{name} is not JSON, though credential_source.format.type says so.");
        }
    }

    // It is read anew for each exchange, and whoever writes it may just be about to.
    private static TokenSourceException Unavailable(string message) => new(TokenSourceFault.Unavailable, message);
}
