namespace Mds.Server.Tests.Protocol;

/// <summary>A response as it came over the wire.</summary>
/// <param name="StatusLine">The first line.</param>
/// <param name="Headers">The header lines in their order, names in their spelling.</param>
/// <param name="Body">The bytes after them, one character each.</param>
internal sealed record RawResponse(string StatusLine, IReadOnlyList<KeyValuePair<string, string>> Headers, string Body)
{
    public int Status => int.Parse(StatusLine.Split(' ')[1]);

    /// <summary>The values of a header whose name is spelled exactly so.</summary>
    public IReadOnlyList<string> All(string name) => [.. Headers.Where(header => header.Key == name).Select(header => header.Value)];

    /// <summary>The value of a header that stands there exactly once, in whatever spelling.</summary>
    public string Single(string name)
    {
        var header = Assert.Single(Headers, header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        Assert.Equal(name, header.Key);
        return header.Value;
    }

    public bool Has(string name) => Headers.Any(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
