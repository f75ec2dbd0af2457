using System.Globalization;

namespace Mds.Conformance.Tests;

/// <summary>An answer as it came over the wire, one character for each byte.</summary>
internal sealed record RawAnswer(int Status, IReadOnlyList<(string Name, string Value)> Headers, string Body)
{
    /// <summary>How long the body is said to be.</summary>
    public int ContentLength => int.Parse(Single("Content-Length"), CultureInfo.InvariantCulture);

    public static RawAnswer Parse(string head, string body)
    {
        var lines = head.Split("\r\n");
        Assert.Matches("^HTTP/1\\.[01] [0-9]{3} ", lines[0]);
        var headers = lines.Skip(1).Select(line => line.Split(':', 2)).Select(parts => (parts[0], parts[1].Trim())).ToList();
        return new RawAnswer(int.Parse(lines[0].Split(' ')[1], CultureInfo.InvariantCulture), headers, body);
    }

    /// <summary>A header that stands there once, in exactly this spelling.</summary>
    public string Single(string name)
    {
        var (spelled, value) = Assert.Single(Headers, header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(name, spelled);
        return value;
    }

    public bool Has(string name) => Headers.Any(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
