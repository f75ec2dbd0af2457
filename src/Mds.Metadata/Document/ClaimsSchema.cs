using System.Collections.Immutable;
using System.Text;

namespace Mds.Metadata;

/// <summary>
/// Checks a document against the table of known keys and brings it into the form the tree is built from: known keys
/// in their JSON spelling, digits in quotes as numbers, defaults filled in. Unknown keys pass as they are.
/// </summary>
internal sealed class ClaimsSchema
{
    private readonly ClaimsErrorList _errors;

    private ClaimsSchema(ClaimsErrorList errors) => _errors = errors;

    /// <summary>Checks and completes a value; what is wrong goes into <paramref name="errors"/>.</summary>
    public static ClaimValue Apply(ClaimValue value, Shape shape, JsonPath path, ClaimsErrorList errors) =>
        new ClaimsSchema(errors).Conform(value, shape, path);

    /// <summary>Completes a value of the table of known keys itself.</summary>
    public static ClaimValue Complete(string json, Shape shape)
    {
        var document = Encoding.UTF8.GetBytes(json);
        var errors = new ClaimsErrorList(document);
        return Apply(ClaimsReader.Read(document, errors)!, shape, JsonPath.Root, errors);
    }

    private ClaimValue Conform(ClaimValue value, Shape shape, JsonPath path)
    {
        switch (shape.Kind, value.Kind)
        {
            case (ShapeKind.Text, ClaimValueKind.String) when shape.IsHostName && Uri.CheckHostName(value.Text) != UriHostNameType.Dns:
                _errors.Add(value.Offset, path, $"\"{value.Text}\" is not a domain. Give one as in \"googleapis.com\".");
                return value;
            case (ShapeKind.Text, ClaimValueKind.String) when shape.IsName && !KeyName.IsPossible(value.Text) && value.Text.Length > 0:
                _errors.Add(value.Offset, path, "An e-mail address that holds a slash, a line end or another control character cannot be listed or asked for. Correct it.");
                return value;
            case (ShapeKind.Text, ClaimValueKind.String):
            case (ShapeKind.Json, _):
                return value;
            case (ShapeKind.Integer or ShapeKind.IntegerOrText, ClaimValueKind.Number) when IsWhole(value.Text):
                return value;
            case (ShapeKind.Integer or ShapeKind.IntegerOrText, ClaimValueKind.String) when IsWhole(value.Text):
                return ClaimValue.Number(value.Text, value.Offset);
            case (ShapeKind.IntegerOrText, ClaimValueKind.String):
                return value;
            case (ShapeKind.List or ShapeKind.JsonList, ClaimValueKind.Array):
                return ConformItems(value, Shape.Text, path);
            case (ShapeKind.Array, ClaimValueKind.Array):
                return ConformItems(value, shape.Item!, path);
            case (ShapeKind.Any, ClaimValueKind.Array):
                return ConformItems(value, shape, path);
            case (ShapeKind.Object or ShapeKind.Map or ShapeKind.Any, ClaimValueKind.Object):
                return ConformMembers(value, shape, path);
            case (ShapeKind.Any, _):
                return value;
            case (ShapeKind.AccessToken or ShapeKind.IdentityToken, _):
                _errors.Add(value.Offset, path,
                    "Tokens are not claims. Configure a credential for the account instead.");
                return value;
            default:
                _errors.Add(value.Offset, path, $"Found {Found(value)}, expected {Expected(shape.Kind)}.{Advice(shape.Kind, value)}");
                return value;
        }
    }

    private ClaimValue ConformItems(ClaimValue array, Shape item, JsonPath path)
    {
        var items = ImmutableArray.CreateBuilder<ClaimValue>(array.Items.Length);
        foreach (var value in array.Items)
        {
            items.Add(Conform(value, item, path.Index(items.Count)));
        }

        return ClaimValue.Array(items.MoveToImmutable(), array.Offset);
    }

    private ClaimValue ConformMembers(ClaimValue value, Shape shape, JsonPath path)
    {
        var members = ImmutableArray.CreateBuilder<ClaimMember>(value.Members.Length + shape.Keys.Length);
        var pathNames = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.Members)
        {
            var memberPath = path.Key(member.Name);
            var known = shape.Find(member.Name);
            var pathName = shape.PathName(member.Name);
            if (!KeyName.IsPossible(member.Name))
            {
                _errors.Add(member.Offset, memberPath,
                    "A key that is empty or holds a slash, a line end or another control character cannot be listed or asked for. Choose another name.");
            }
            else if (!pathNames.Add(pathName))
            {
                _errors.Add(member.Offset, memberPath,
                    $"Another key of the same object is served at \"{pathName}\" too. Keep one of the two.");
            }

            var memberShape = known?.Shape ?? shape.Item ?? (shape.Verbatim ? Shape.AnyVerbatim : Shape.Any);
            members.Add(new ClaimMember(known?.Json ?? member.Name, Conform(member.Value, memberShape, memberPath), member.Offset));
        }

        foreach (var key in shape.Keys)
        {
            if (key.DefaultValue is { } missing && !pathNames.Contains(key.Path))
            {
                members.Add(new ClaimMember(key.Json, missing));
            }
        }

        return ClaimValue.Object(members.ToImmutable(), value.Offset);
    }

    private static bool IsWhole(string text)
    {
        var digits = text.AsSpan(text.StartsWith('-') ? 1 : 0);
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange('0', '9') && (digits.Length == 1 || digits[0] != '0');
    }

    private static string Found(ClaimValue value) => value.Kind switch
    {
        ClaimValueKind.Null => "null",
        ClaimValueKind.Boolean => $"the boolean {value.Text}",
        ClaimValueKind.Number => $"the number {value.Text}",
        ClaimValueKind.String => "a string",
        ClaimValueKind.Array => "an array",
        _ => "an object",
    };

    private static string Expected(ShapeKind kind) => kind switch
    {
        ShapeKind.Text => "a string",
        ShapeKind.Integer => "a whole number",
        ShapeKind.IntegerOrText => "a whole number or a string",
        ShapeKind.List or ShapeKind.JsonList => "an array of strings",
        ShapeKind.Array => "an array",
        _ => "an object",
    };

    private static string Advice(ShapeKind kind, ClaimValue value) => (kind, value.Kind) switch
    {
        // YAML reads a bare TRUE as a boolean; a real server has the word as a string.
        (ShapeKind.Text, ClaimValueKind.Boolean) =>
            value.Text == "true" ? " Write \"TRUE\" in quotes." : " Write \"FALSE\" in quotes.",
        (ShapeKind.Text, ClaimValueKind.Number) => $" Write \"{value.Text}\" in quotes.",
        // Tools that read numbers as doubles turn big ones into 4.52e+18.
        (ShapeKind.Integer or ShapeKind.IntegerOrText, ClaimValueKind.Number) =>
            " Write all its digits; put them in quotes where a tool rounds big numbers.",
        _ => "",
    };
}
