using System.Runtime.CompilerServices;

namespace Mds.Server.Tests;

/// <summary>Compares a document with the one in the repository; UPDATE_GOLDEN=1 writes it there instead.</summary>
internal static class GoldenFile
{
    public static void AssertEqual(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(RepositoryPath.Of("tests/Mds.Server.Tests", caller), name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.Equal(File.ReadAllText(path), actual);
    }
}
