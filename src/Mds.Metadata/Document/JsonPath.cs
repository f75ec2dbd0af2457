using System.Globalization;

namespace Mds.Metadata;

/// <summary>Where in a JSON document a value stands; written out only when an error names it.</summary>
internal sealed class JsonPath
{
    public static readonly JsonPath Root = new(null, null, 0);

    private readonly JsonPath? _parent;
    private readonly string? _key;
    private readonly int _index;

    private JsonPath(JsonPath? parent, string? key, int index) => (_parent, _key, _index) = (parent, key, index);

    public JsonPath Key(string name) => new(this, name, 0);

    public JsonPath Index(int index) => new(this, null, index);

    public override string ToString()
    {
        if (_parent is null)
        {
            return "$";
        }

        if (_key is null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{_parent}[{_index}]");
        }

        var plain = _key.Length > 0 && !char.IsAsciiDigit(_key[0]) && _key.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
        return plain
            ? $"{_parent}.{_key}"
            : $@"{_parent}['{_key.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}']";
    }
}
