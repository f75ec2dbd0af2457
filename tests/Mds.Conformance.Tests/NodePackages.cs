using System.Security.Cryptography;

namespace Mds.Conformance.Tests;

/// <summary>Google's Node packages as package-lock.json has them, installed once into the project's cache folder.</summary>
internal static class NodePackages
{
    public const string ToInstall = "Node.js 20 or later with npm (Debian: apt-get install nodejs npm)";

    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>The folder that holds <c>node_modules</c>.</summary>
    public static Task<string> FolderAsync() => Installed.Value;

    private static async Task<string> InstallAsync()
    {
        string[] files = ["package.json", "package-lock.json", ".npmrc"];
        var content = files.SelectMany(file => File.ReadAllBytes(Built.File($"node/{file}"))).ToArray();
        var version = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        var cache = Path.Combine(CacheFolder(), "npm");
        var folder = Path.Combine(cache, $"conformance-{version}");
        if (Directory.Exists(folder))
        {
            return folder;
        }

        // Beside its place, then moved there whole: a broken installation must not look like one.
        Directory.CreateDirectory(cache);
        var unfinished = Directory.CreateDirectory(Path.Combine(cache, $"unfinished-{Guid.NewGuid():N}")).FullName;
        foreach (var file in files)
        {
            File.Copy(Built.File($"node/{file}"), Path.Combine(unfinished, file));
        }

        // In the environment as it is: how npm reaches its registry is the machine's own affair.
        await ChildProcess.RunAsync(
            new("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                WorkingDirectory = unfinished,
            },
            ToInstall);
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

    private static string CacheFolder()
    {
        if (Environment.GetEnvironmentVariable("MDS_CACHE") is { Length: > 0 } own)
        {
            return own;
        }

        return Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } caches
            ? Path.Combine(caches, "mds")
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "mds");
    }
}
