using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace Mds.Server.Protocol;

/// <summary>
/// The path and query of a request exactly as they were sent. ASP.NET's own path is decoded, which a metadata server
/// must not do with every escape.
/// </summary>
internal readonly ref struct RequestTarget
{
    /// <summary>Characters that are found only when sent as they are (docs: querying-metadata), and the separator.</summary>
    private const string Literal = "!$'()*,@/";

    private RequestTarget(ReadOnlySpan<char> path, ReadOnlySpan<char> query)
    {
        Path = path;
        Query = query;
    }

    /// <summary>The path, undecoded.</summary>
    public ReadOnlySpan<char> Path { get; }

    /// <summary>The query without its question mark, undecoded.</summary>
    public ReadOnlySpan<char> Query { get; }

    /// <summary>The target of a request that Kestrel read.</summary>
    public static RequestTarget Of(HttpContext context) =>
        Parse(context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget);

    /// <summary>Splits the target of a request line: <c>/path?query</c> or what a client sends to a proxy, <c>http://host/path?query</c>.</summary>
    public static RequestTarget Parse(ReadOnlySpan<char> target)
    {
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (authority > 0 && !target[..authority].Contains('/'))
        {
            var rest = target[(authority + 3)..];
            var path = rest.IndexOfAny('/', '?');
            target = path < 0 ? "/" : rest[path..];
        }

        var query = target.IndexOf('?');
        return query < 0 ? new(target, default) : new(target[..query], target[(query + 1)..]);
    }

    /// <summary>The path with its escapes decoded; <see langword="null"/> when it holds one that no path of the tree matches.</summary>
    public string? DecodedPath()
    {
        var bytes = new byte[Encoding.UTF8.GetMaxByteCount(Path.Length)];
        var length = 0;
        for (var rest = Path; !rest.IsEmpty;)
        {
            if (rest[0] != '%')
            {
                var end = rest.IndexOf('%');
                var plain = end < 0 ? rest : rest[..end];
                length += Encoding.UTF8.GetBytes(plain, bytes.AsSpan(length));
                rest = rest[plain.Length..];
                continue;
            }

            if (rest.Length < 3 || !char.IsAsciiHexDigit(rest[1]) || !char.IsAsciiHexDigit(rest[2]))
            {
                return null;
            }

            var decoded = (byte)((HexValue(rest[1]) << 4) | HexValue(rest[2]));
            if (Literal.Contains((char)decoded, StringComparison.Ordinal))
            {
                return null;
            }

            bytes[length++] = decoded;
            rest = rest[3..];
        }

        return Encoding.UTF8.GetString(bytes, 0, length);
    }

    private static int HexValue(char digit) => char.IsAsciiDigit(digit) ? digit - '0' : (digit | 0x20) - 'a' + 10;
}
