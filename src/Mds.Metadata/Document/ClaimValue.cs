using System.Collections.Immutable;
using System.Text.Json;

namespace Mds.Metadata;

/// <summary>
/// An immutable JSON value that knows where in its document it stood and keeps numbers as they were written, so that
/// instance ids beyond 2^53 stay exact and errors can name their line.
/// </summary>
internal sealed class ClaimValue
{
    private ClaimValue(ClaimValueKind kind, int offset, string text) => (Kind, Offset, Text) = (kind, offset, text);

    public ClaimValueKind Kind { get; }

    /// <summary>The byte of the document at which the value begins; -1 where the document does not hold it.</summary>
    public int Offset { get; }

    /// <summary>A string's content, a number's digits, <c>true</c>, <c>false</c>; empty for everything else.</summary>
    public string Text { get; }

    /// <summary>An object's keys, in the order of the document.</summary>
    public ImmutableArray<ClaimMember> Members { get; private init; } = [];

    /// <summary>An array's elements.</summary>
    public ImmutableArray<ClaimValue> Items { get; private init; } = [];

    public bool IsScalar => Kind is not (ClaimValueKind.Array or ClaimValueKind.Object);

    public static ClaimValue Scalar(ClaimValueKind kind, string text, int offset = -1) => new(kind, offset, text);

    public static ClaimValue String(string text, int offset = -1) => new(ClaimValueKind.String, offset, text);

    public static ClaimValue Number(string digits, int offset = -1) => new(ClaimValueKind.Number, offset, digits);

    public static ClaimValue Array(ImmutableArray<ClaimValue> items, int offset = -1) =>
        new(ClaimValueKind.Array, offset, "") { Items = items };

    public static ClaimValue Object(ImmutableArray<ClaimMember> members, int offset = -1) =>
        new(ClaimValueKind.Object, offset, "") { Members = members };

    /// <summary>The value of a key of an object; <see langword="null"/> when there is none.</summary>
    public ClaimValue? Find(string name)
    {
        foreach (var member in Members)
        {
            if (member.Name == name)
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>Whether another value holds the same, in the same order.</summary>
    public bool IsSameAs(ClaimValue other) =>
        Kind == other.Kind && Text == other.Text && Items.Length == other.Items.Length && Members.Length == other.Members.Length
        && Items.Zip(other.Items).All(pair => pair.First.IsSameAs(pair.Second))
        && Members.Zip(other.Members).All(pair => pair.First.Name == pair.Second.Name && pair.First.Value.IsSameAs(pair.Second.Value));

    /// <summary>Writes the value as JSON, numbers digit for digit.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        switch (Kind)
        {
            case ClaimValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in Members)
                {
                    writer.WritePropertyName(member.Name);
                    member.Value.WriteTo(writer);
                }

                writer.WriteEndObject();
                break;
            case ClaimValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in Items)
                {
                    item.WriteTo(writer);
                }

                writer.WriteEndArray();
                break;
            case ClaimValueKind.String:
                writer.WriteStringValue(Text);
                break;
            case ClaimValueKind.Null:
                writer.WriteNullValue();
                break;
            default:
                writer.WriteRawValue(Text, skipInputValidation: true);
                break;
        }
    }

    /// <summary>The same object with one key set.</summary>
    public ClaimValue With(string name, ClaimValue value)
    {
        for (var i = 0; i < Members.Length; i++)
        {
            if (Members[i].Name == name)
            {
                return Object(Members.SetItem(i, Members[i] with { Value = value }), Offset);
            }
        }

        return Object(Members.Add(new ClaimMember(name, value)), Offset);
    }

    /// <summary>The same object without one key.</summary>
    public ClaimValue Without(string name) => Object(Members.RemoveAll(member => member.Name == name), Offset);
}
