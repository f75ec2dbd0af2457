namespace Mds.Server.CommandLine;

/// <summary>Finds what somebody probably meant.</summary>
internal static class NearestName
{
    /// <summary>The candidate that takes the fewest changes of a letter to reach, if that is few enough to be a slip.</summary>
    /// <param name="name">What was written.</param>
    /// <param name="candidates">What would have been right.</param>
    /// <returns>The nearest candidate, or <see langword="null"/> when none is near.</returns>
    public static string? Of(string name, IEnumerable<string> candidates)
    {
        var (nearest, distance) = candidates
            .Select(candidate => (candidate, Distance(name.ToUpperInvariant(), candidate.ToUpperInvariant())))
            .MinBy(pair => pair.Item2);
        return nearest is not null && distance <= Math.Max(2, nearest.Length / 3) ? nearest : null;
    }

    // Levenshtein's distance, one row at a time.
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var substituted = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
