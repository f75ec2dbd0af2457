namespace Mds.Charts.Tests;

/// <summary>Files that are made by the code under test. <c>UPDATE_GOLDEN=1</c> writes them instead of comparing.</summary>
internal static class Golden
{
    public static void Equal(string relativePath, string actual)
    {
        var path = Repository.PathOf(relativePath);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.True(File.Exists(path), $"{relativePath} is missing. UPDATE_GOLDEN=1 writes it; look at it before you commit it.");
        var expected = File.ReadAllText(path);
        if (expected != actual)
        {
            Assert.Fail($"{relativePath} differs from what is made now; UPDATE_GOLDEN=1 writes it anew. {FirstDifference(expected, actual)}");
        }
    }

    private static string FirstDifference(string expected, string actual)
    {
        var (before, now) = (expected.Split('\n'), actual.Split('\n'));
        var line = Enumerable.Range(0, Math.Max(before.Length, now.Length)).First(i => before.ElementAtOrDefault(i) != now.ElementAtOrDefault(i));
        return $"First in line {line + 1}:\nfile: {before.ElementAtOrDefault(line)}\nnow:  {now.ElementAtOrDefault(line)}";
    }
}
