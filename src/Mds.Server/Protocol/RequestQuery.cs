using Mds.Metadata;

namespace Mds.Server.Protocol;

/// <summary>
/// The parameters of a query. Of a parameter sent twice the first counts; unknown ones are ignored (as Google's own
/// emulator of 2016 does).
/// </summary>
internal readonly ref struct RequestQuery(ReadOnlySpan<char> query)
{
    private readonly ReadOnlySpan<char> _query = query;

    /// <summary>A parameter as it was sent; empty when it was not.</summary>
    public ReadOnlySpan<char> Raw(string name) => TryGet(name, out var value) ? value : default;

    /// <summary>A parameter as it was sent.</summary>
    /// <returns>Whether it was sent, be it with nothing behind its name.</returns>
    public bool TryGet(string name, out ReadOnlySpan<char> value)
    {
        for (var rest = _query; !rest.IsEmpty;)
        {
            var end = rest.IndexOf('&');
            var pair = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (pair.StartsWith(name, StringComparison.Ordinal))
            {
                if (pair.Length == name.Length)
                {
                    value = default;
                    return true;
                }

                if (pair[name.Length] == '=')
                {
                    value = pair[(name.Length + 1)..];
                    return true;
                }
            }
        }

        value = default;
        return false;
    }

    /// <summary>A parameter, decoded (<c>+</c> is a space, as Python sends it); clients that escape nothing are understood too.</summary>
    public string Text(string name)
    {
        var raw = Raw(name);
        return raw.ContainsAny('%', '+') ? Uri.UnescapeDataString(raw.ToString().Replace('+', ' ')) : raw.ToString();
    }

    /// <summary>A switch.</summary>
    /// <returns><see langword="null"/> when it is absent or no such word, which counts as false.</returns>
    public bool? Switch(string name) => BooleanWord.Parse(Raw(name));
}
