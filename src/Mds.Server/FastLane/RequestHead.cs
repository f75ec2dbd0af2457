using System.Buffers;
using System.Text;
using Mds.Server.Protocol;

namespace Mds.Server.FastLane;

/// <summary>
/// Reads requests of the plain kind that metadata clients send. It is stricter than HTTP: whatever is unusual, be it allowed
/// or not, is none, and Kestrel decides what becomes of it.
/// </summary>
internal static class RequestHead
{
    /// <summary>As many characters as the target, the host and the user agent of a request may have together.</summary>
    public const int MostCharacters = 768;

    private const int LongestHead = 2048;
    private const int MostHeaders = 32;

    // Of the path no escapes: some of them Kestrel refuses.
    private static readonly SearchValues<byte> PathBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@!$&'()*+,;="u8);

    private static readonly SearchValues<byte> QueryBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/:@!$&'()*+,;=?%"u8);

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"u8);

    private static readonly SearchValues<byte> HostBytes = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-."u8);

    private enum Header
    {
        /// <summary>Of no consequence, whatever it says.</summary>
        Other,

        Host,
        UserAgent,
        Flavor,
        ForwardedFor,

        /// <summary>It may say what HTTP does anyway, or that this request is the last.</summary>
        Connection,

        /// <summary>It announces a body or asks for another protocol.</summary>
        Kestrels,
    }

    /// <summary>Reads the request that a buffer begins with.</summary>
    /// <param name="buffer">What came.</param>
    /// <param name="characters">Room for <see cref="MostCharacters"/>, which the request points into.</param>
    /// <param name="scheme"><c>http</c> or <c>https</c>.</param>
    /// <param name="request">The request.</param>
    /// <param name="length">How many bytes it is long.</param>
    /// <returns>Whether there is one of the plain kind, complete.</returns>
    public static bool TryRead(
        in ReadOnlySequence<byte> buffer, Span<char> characters, string scheme, out MetadataRequest request, out int length)
    {
        request = default;
        var bytes = buffer.FirstSpan;
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0 && !buffer.IsSingleSegment)
        {
            // Seldom: one of several that came together, across the border of two blocks of memory.
            bytes = buffer.Slice(0, Math.Min(buffer.Length, LongestHead)).ToArray();
            end = bytes.IndexOf("\r\n\r\n"u8);
        }

        length = end + 4;
        return end >= 0 && length <= LongestHead && TryRead(bytes[..(end + 2)], characters, scheme, out request);
    }

    // The head is its lines, each with its end.
    private static bool TryRead(ReadOnlySpan<byte> head, Span<char> characters, string scheme, out MetadataRequest request)
    {
        request = default;
        if (!TryReadLine(ref head, out var line) || !TryReadRequestLine(line, out var isHead, out var target))
        {
            return false;
        }

        ReadOnlySpan<byte> host = default;
        ReadOnlySpan<byte> userAgent = default;
        var (flavors, isGoogle, isForwarded, closes) = (0, false, false, false);
        for (var headers = 0; !head.IsEmpty; headers++)
        {
            if (headers == MostHeaders
                || !TryReadLine(ref head, out line)
                || !TryReadHeader(line, out var header, out var value))
            {
                return false;
            }

            switch (header)
            {
                case Header.Host when host.IsEmpty && IsPlainHost(value):
                    host = value;
                    break;
                case Header.UserAgent when userAgent.IsEmpty:
                    userAgent = value;
                    break;
                case Header.Flavor:
                    flavors++;
                    isGoogle = value.SequenceEqual("Google"u8);
                    break;
                case Header.ForwardedFor:
                    isForwarded = true;
                    break;
                case Header.Connection when !closes && Ascii.EqualsIgnoreCase(value, "close"u8):
                    closes = true;
                    break;
                case Header.Connection when !closes && Ascii.EqualsIgnoreCase(value, "keep-alive"u8):
                case Header.Other:
                    break;
                default:
                    return false;
            }
        }

        if (host.IsEmpty || target.Length + host.Length + userAgent.Length > characters.Length)
        {
            return false;
        }

        request = new MetadataRequest
        {
            Method = isHead ? "HEAD" : "GET",
            Target = RequestTarget.Parse(Characters(target, ref characters)),
            Host = Characters(host, ref characters),
            UserAgent = Characters(userAgent, ref characters),
            NamesFlavor = flavors == 1 && isGoogle,
            IsForwarded = isForwarded,
            Scheme = scheme,
            Closes = closes,
        };
        return true;
    }

    private static ReadOnlySpan<char> Characters(ReadOnlySpan<byte> bytes, scoped ref Span<char> room)
    {
        var characters = room[..Encoding.ASCII.GetChars(bytes, room)];
        room = room[characters.Length..];
        return characters;
    }

    private static bool TryReadLine(scoped ref ReadOnlySpan<byte> head, out ReadOnlySpan<byte> line)
    {
        var end = head.IndexOf((byte)'\r');
        if (end < 0 || end + 1 == head.Length || head[end + 1] != '\n')
        {
            line = default;
            return false;
        }

        line = head[..end];
        head = head[(end + 2)..];
        return true;
    }

    private static bool TryReadRequestLine(ReadOnlySpan<byte> line, out bool isHead, out ReadOnlySpan<byte> target)
    {
        isHead = line.StartsWith("HEAD "u8);
        target = default;
        if ((!isHead && !line.StartsWith("GET "u8)) || !line.EndsWith(" HTTP/1.1"u8))
        {
            return false;
        }

        var start = isHead ? "HEAD ".Length : "GET ".Length;
        var end = line.Length - " HTTP/1.1".Length;
        if (end <= start || line[start] != '/')
        {
            return false;
        }

        target = line[start..end];
        var path = target.IndexOfAnyExcept(PathBytes);
        return path < 0 || (target[path] == '?' && !target[path..].ContainsAnyExcept(QueryBytes));
    }

    private static bool TryReadHeader(ReadOnlySpan<byte> line, out Header header, out ReadOnlySpan<byte> value)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0 || line[..colon].ContainsAnyExcept(NameBytes))
        {
            header = default;
            value = default;
            return false;
        }

        header = Known(line[..colon]);
        value = line[(colon + 1)..].Trim(" \t"u8);
        return !value.ContainsAnyExceptInRange((byte)' ', (byte)'~');
    }

    private static Header Known(ReadOnlySpan<byte> name) => name.Length switch
    {
        4 when Ascii.EqualsIgnoreCase(name, "Host"u8) => Header.Host,
        6 when Ascii.EqualsIgnoreCase(name, "Expect"u8) => Header.Kestrels,
        7 when Ascii.EqualsIgnoreCase(name, "Upgrade"u8) => Header.Kestrels,
        10 when Ascii.EqualsIgnoreCase(name, "Connection"u8) => Header.Connection,
        10 when Ascii.EqualsIgnoreCase(name, "User-Agent"u8) => Header.UserAgent,
        14 when Ascii.EqualsIgnoreCase(name, "Content-Length"u8) => Header.Kestrels,
        15 when Ascii.EqualsIgnoreCase(name, "Metadata-Flavor"u8) => Header.Flavor,
        15 when Ascii.EqualsIgnoreCase(name, "X-Forwarded-For"u8) => Header.ForwardedFor,
        17 when Ascii.EqualsIgnoreCase(name, "Transfer-Encoding"u8) => Header.Kestrels,
        _ => Header.Other,
    };

    /// <summary>A name or an IPv4 address, with a port or without.</summary>
    private static bool IsPlainHost(ReadOnlySpan<byte> host)
    {
        var end = host.IndexOfAnyExcept(HostBytes);
        return end < 0
            ? !host.IsEmpty
            : end > 0 && host[end] == ':' && end + 1 < host.Length && !host[(end + 1)..].ContainsAnyExceptInRange((byte)'0', (byte)'9');
    }
}
