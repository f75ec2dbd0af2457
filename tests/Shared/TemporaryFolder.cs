using System.Diagnostics;

namespace Mds.Tests;

/// <summary>A folder of the test's own.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mds-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file in place, as an editor or a shell redirection does.</summary>
    public string Write(string name, string content)
    {
        System.IO.File.WriteAllText(File(name), content);
        return File(name);
    }

    /// <summary>Writes beside the file and renames over it, as careful programs do.</summary>
    public void RenameOver(string name, string content)
    {
        Write(name + ".new", content);
        System.IO.File.Move(File(name + ".new"), File(name), overwrite: true);
    }

    /// <summary>
    /// Writes files as the kubelet writes a ConfigMap or Secret volume: into a folder of their own, which <c>..data</c>
    /// links to, which the visible names link through; an update is one rename of <c>..data</c>.
    /// </summary>
    public void WriteVolume(params (string Name, string Content)[] files)
    {
        var version = "..v" + Guid.NewGuid().ToString("N");
        Directory.CreateDirectory(File(version));
        foreach (var (name, content) in files)
        {
            System.IO.File.WriteAllText(System.IO.Path.Combine(File(version), name), content);
        }

        System.IO.File.CreateSymbolicLink(File("..data_tmp"), version);
        // rename(2); File.Move does not move a link to a folder over another.
        using (var move = Process.Start("mv", ["-T", File("..data_tmp"), File("..data")]))
        {
            move.WaitForExit();
            Assert.Equal(0, move.ExitCode);
        }

        foreach (var (name, _) in files.Where(file => !System.IO.File.Exists(File(file.Name))))
        {
            System.IO.File.CreateSymbolicLink(File(name), $"..data/{name}");
        }

        foreach (var old in Directory.GetDirectories(Path, "..v*").Where(folder => folder != File(version)))
        {
            Directory.Delete(old, recursive: true);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
