using System.Runtime.CompilerServices;

namespace Mds.Operator.Tests;

/// <summary>Compares text with a file of this repository; with UPDATE_GOLDEN=1 in the environment, writes the file instead.</summary>
internal static class Golden
{
    /// <summary>The top folder of the repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Compares with a file whose path is relative to the top of the repository.</summary>
    public static void Verify(string path, string actual)
    {
        var file = Path.Combine(Repository, path);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
            return;
        }

        Assert.True(File.Exists(file), $"{path} does not exist; run the test with UPDATE_GOLDEN=1 and look at what it writes.");
        Assert.Equal(File.ReadAllText(file), actual);
    }

    /// <summary>Compares with what follows a marker in a file that is written by hand up to there.</summary>
    public static void VerifyFrom(string path, string marker, string actual)
    {
        var text = File.ReadAllText(Path.Combine(Repository, path));
        var start = text.IndexOf(marker, StringComparison.Ordinal);
        Assert.True(start >= 0, $"{path} has no line '{marker}'.");
        Verify(path, $"{text[..start]}{marker}\n\n{actual}");
    }

    private static string FindRepository([CallerFilePath] string thisFile = "")
    {
        var folder = Path.GetDirectoryName(thisFile);
        while (folder is not null && !File.Exists(Path.Combine(folder, "MdsOperator.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new DirectoryNotFoundException($"MdsOperator.sln is in no folder above {thisFile}.");
    }
}
