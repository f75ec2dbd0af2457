namespace Mds.Conformance.Tests;

/// <summary>The folder in which this project keeps what takes long to fetch or to build.</summary>
internal static class CacheFolder
{
    public static string Of(string what) => Path.Combine(Root(), what);

    private static string Root()
    {
        if (Environment.GetEnvironmentVariable("MDS_CACHE") is { Length: > 0 } own)
        {
            return own;
        }

        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches
            ? Path.Combine(caches, "mds")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mds");
    }

    /// <summary>A folder of the cache, filled where it is not there yet.</summary>
    /// <param name="folder">Where it belongs.</param>
    /// <param name="fill">
    /// Fills the folder that it is given, which stands beside the right place and is moved there whole: a broken
    /// installation must not look like one.
    /// </param>
    public static async Task<string> FillAsync(string folder, Func<string, Task> fill)
    {
        if (Directory.Exists(folder))
        {
            return folder;
        }

        var unfinished = Directory.CreateDirectory($"{folder}.{Guid.NewGuid():N}").FullName;
        await fill(unfinished);
        try
        {
            Directory.Move(unfinished, folder);
        }
        catch (IOException) when (Directory.Exists(folder))
        {
            // Somebody else was quicker.
            Directory.Delete(unfinished, recursive: true);
        }

        return folder;
    }
}
