using System.Security.Cryptography;

namespace Mds.Conformance.Tests;

/// <summary>Google's Node packages as package-lock.json has them, installed once into the project's cache folder.</summary>
internal static class NodePackages
{
    public const string ToInstall = "Node.js 20 or later with npm (Debian: apt-get install nodejs npm)";

    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>The folder that holds <c>node_modules</c>.</summary>
    public static Task<string> FolderAsync() => Installed.Value;

    private static Task<string> InstallAsync()
    {
        string[] files = ["package.json", "package-lock.json", ".npmrc"];
        var content = files.SelectMany(file => File.ReadAllBytes(Built.File($"node/{file}"))).ToArray();
        var version = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
        return CacheFolder.FillAsync(CacheFolder.Of($"npm/conformance-{version}"), async folder =>
        {
            foreach (var file in files)
            {
                File.Copy(Built.File($"node/{file}"), Path.Combine(folder, file));
            }

            await ChildProcess.RunAsync(
                ChildProcess.AsOnThisMachine("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], folder), ToInstall);
        });
    }
}
