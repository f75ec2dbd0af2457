using System.Globalization;
using System.Text;

namespace Mds.Tests;

/// <summary>A response as it came over the wire.</summary>
/// <param name="StatusLine">The first line.</param>
/// <param name="Headers">The header lines in their order, names in their spelling.</param>
/// <param name="Body">The bytes after them, one character each.</param>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    public int Status => int.Parse(StatusLine.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>How long the body is said to be.</summary>
    public int ContentLength => int.Parse(Single("Content-Length"), CultureInfo.InvariantCulture);

    /// <summary>Reads one response, which has to tell its length and be the last thing that was sent.</summary>
    /// <param name="stream">The connection.</param>
    /// <param name="cancellationToken">When to give up.</param>
    /// <param name="hasBody">Whether it has the body that it tells the length of, which that to HEAD has not.</param>
    /// <exception cref="EndOfStreamException">The server ended the connection before the response was whole.</exception>
    public static async Task<RawResponse> ReadAsync(Stream stream, CancellationToken cancellationToken, bool hasBody = true)
    {
        var received = new StringBuilder();
        var buffer = new byte[16 * 1024];
        int end;
        while ((end = received.ToString().IndexOf("\r\n\r\n", StringComparison.Ordinal)) < 0)
        {
            received.Append(await ReadSomeAsync());
        }

        var lines = received.ToString(0, end).Split("\r\n");
        Assert.Matches("^HTTP/1\\.[01] [0-9]{3} ", lines[0]);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => KeyValuePair.Create(parts[0], parts[1].Trim())).ToList();
        var head = new RawResponse(lines[0], headers, "");
        Assert.False(head.Has("Transfer-Encoding"), "The response is chunked.");
        // Of a line that cannot be read, nobody knows that it was for HEAD.
        hasBody |= head.Status == 400 && received.Length > end + 4;
        var whole = end + 4 + (hasBody ? head.ContentLength : 0);
        while (received.Length < whole)
        {
            received.Append(await ReadSomeAsync());
        }

        Assert.Equal(whole, received.Length);
        return head with { Body = received.ToString(end + 4, whole - end - 4) };

        async Task<string> ReadSomeAsync()
        {
            var count = await stream.ReadAsync(buffer, cancellationToken);
            return count > 0
                ? Encoding.Latin1.GetString(buffer, 0, count)
                : throw new EndOfStreamException($"The server ended the connection after {received.Length} bytes of a response.");
        }
    }

    /// <summary>The values of a header whose name is spelled exactly so.</summary>
    public IReadOnlyList<string> All(string name) => [.. Headers.Where(header => header.Key == name).Select(header => header.Value)];

    /// <summary>The value of a header that stands there exactly once, in this spelling.</summary>
    public string Single(string name)
    {
        var header = Assert.Single(Headers, header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(name, header.Key);
        return header.Value;
    }

    public bool Has(string name) => Headers.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
