namespace Mds.Conformance.Tests;

/// <summary>One test of a <c>.replay</c> file: requests in their order, each with what the client demands of its answer.</summary>
/// <param name="Name">The file's name and the heading.</param>
/// <param name="Exchanges">The requests.</param>
public sealed record Replay(string Name, IReadOnlyList<ReplayExchange> Exchanges)
{
    private static readonly string Folder = Built.File("Replays/requests");

    /// <summary>Every test of every file.</summary>
    public static IReadOnlyList<Replay> All { get; } =
        [.. Directory.GetFiles(Folder, "*.replay").Order(StringComparer.Ordinal).SelectMany(Read)];

    private static IEnumerable<Replay> Read(string file)
    {
        var client = Path.GetFileNameWithoutExtension(file);
        foreach (var section in File.ReadAllText(file).Split("\n## ").Skip(1))
        {
            var lines = section.Split('\n');
            yield return new Replay($"{client}: {lines[0]}", [.. ReadExchanges(lines[1..], $"{client}.replay, {lines[0]}")]);
        }
    }

    private static IEnumerable<ReplayExchange> ReadExchanges(string[] lines, string place)
    {
        var (request, demands) = (new List<string>(), new List<string>());
        foreach (var line in lines.Where(line => line.Length > 0))
        {
            if (line[0] is not ('>' or '<'))
            {
                throw new FormatException($"{place}: '{line}' begins with neither > nor <.");
            }

            var text = line.Length > 2 ? line[2..] : "";
            if (line[0] == '>' && demands.Count > 0)
            {
                yield return new ReplayExchange(request, demands);
                (request, demands) = ([], []);
            }

            (line[0] == '>' ? request : demands).Add(text);
        }

        yield return demands.Count > 0
            ? new ReplayExchange(request, demands)
            : throw new FormatException($"{place}: the last request has no demands.");
    }
}
