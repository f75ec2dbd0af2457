using System.Runtime.CompilerServices;

namespace Mds.Metadata.Tests;

/// <summary>Compares a document with the file that was agreed on; UPDATE_GOLDEN=1 writes it instead.</summary>
internal static class Golden
{
    public static void Verify(string name, string actual)
    {
        var file = TestData.PathOf(name);
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, actual);
        }

        Assert.Equal(File.ReadAllText(file), actual);
    }
}

/// <summary>The files beside the tests.</summary>
internal static class TestData
{
    public static string PathOf(string name) => Path.Combine(Folder(), "testdata", name);

    public static byte[] Read(string name) => File.ReadAllBytes(PathOf(name));

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}
