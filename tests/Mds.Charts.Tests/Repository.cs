namespace Mds.Charts.Tests;

/// <summary>Where this repository's files are.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Chart { get; } = PathOf("charts/mds");

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    public static string Read(string relative) => File.ReadAllText(PathOf(relative));

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MdsOperator.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"No MdsOperator.sln in any folder above {AppContext.BaseDirectory}: run the tests from a clone.");
    }
}
