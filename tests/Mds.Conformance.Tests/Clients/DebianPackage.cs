namespace Mds.Conformance.Tests;

/// <summary>
/// Debian packages whose programs are run without being installed: installed, they would become part of how this machine
/// boots, logs people in and sets its network up.
/// </summary>
internal static class DebianPackage
{
    /// <summary>Fetches a package and unpacks it, once, into the project's cache folder.</summary>
    /// <param name="package">Its name.</param>
    /// <returns>The folder that is <c>/</c> to the package.</returns>
    public static Task<string> UnpackAsync(string package) =>
        CacheFolder.FillAsync(CacheFolder.Of($"debian/{Codename()}/{package}"), async folder =>
        {
            var toInstall = $"the Debian package {package} (apt-get update, if apt-get cannot find it)";
            await ChildProcess.RunAsync(ChildProcess.AsOnThisMachine("apt-get", ["download", "-q", package], folder), toInstall);
            var archive = Directory.GetFiles(folder, "*.deb").Single();
            await ChildProcess.RunAsync(ChildProcess.AsOnThisMachine("dpkg-deb", ["-x", archive, folder], folder), toInstall);
            File.Delete(archive);
        });

    private static string Codename() => File.ReadLines("/etc/os-release")
        .FirstOrDefault(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))?.Split('=')[1].Trim('"') ?? "unknown";
}
