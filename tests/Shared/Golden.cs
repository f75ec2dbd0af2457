namespace Mds.Tests;

/// <summary>
/// Compares text with a file of this repository that was looked at and agreed on. With <c>UPDATE_GOLDEN=1</c> in the
/// environment it writes the file instead.
/// </summary>
internal static class Golden
{
    /// <summary>Compares with a file whose path is relative to the top of the repository.</summary>
    public static void Verify(string path, string actual)
    {
        var file = Repository.PathOf(path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        Assert.True(File.Exists(file), $"{path} is missing. UPDATE_GOLDEN=1 writes it; look at it before you commit it.");
        var expected = File.ReadAllText(file);
        if (expected != actual)
        {
            Assert.Fail($"{path} differs from what is made now; UPDATE_GOLDEN=1 writes it anew. {FirstDifference(expected, actual)}");
        }
    }

    /// <summary>Compares with what follows a marker in a file that is written by hand up to there.</summary>
    public static void VerifyFrom(string path, string marker, string actual)
    {
        var text = Repository.Read(path);
        var start = text.IndexOf(marker, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{path} has no line '{marker}'.");
        Verify(path, $"{text[..start]}{marker}\n\n{actual}");
    }

    private static string FirstDifference(string expected, string actual)
    {
        var (before, now) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(before.Length, now.Length)).First(i => before.ElementAtOrDefault(i) != now.ElementAtOrDefault(i));
        return $"First in line {line + 1}:\nfile: {before.ElementAtOrDefault(line)}\nnow:  {now.ElementAtOrDefault(line)}";
    }
}
