using System.Collections.Concurrent;
using System.Diagnostics;
using Mds.Server.Reload;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Reload;

public sealed class WatchedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConcurrentQueue<string?> _seen = new();
    private readonly CapturedLog _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Watch_HandlerThatThrows_HearsOfTheNextChange()
    {
        var file = _folder.Write("file", "one");
        await using var watched = new WatchedFile(file, FileContent.Read(file), TimeProvider.System, _log, content =>
        {
            _seen.Enqueue(content.Hash);
            throw new InvalidOperationException("unforeseen");
        });

        _folder.RenameOver("file", "two");
        await Eventually.TrueAsync(() => _seen.Count == 1, "the first change is told");
        _folder.RenameOver("file", "three");
        await Eventually.TrueAsync(() => _seen.Count == 2, "the second change is told");

        Assert.Contains("unforeseen", _log.Errors.First());
    }

    [Fact]
    public async Task Watch_FolderThatComesLater_FindsTheFile()
    {
        var file = _folder.File("later/file");
        await using var watched = Watch(file);

        Directory.CreateDirectory(_folder.File("later"));
        _folder.Write("later/file", "one");

        await Eventually.TrueAsync(() => _seen.Any(hash => hash is not null), "the file is found");
    }

    [Fact]
    public async Task Watch_SameContentWrittenAgain_IsNoChange()
    {
        var file = _folder.Write("file", "one");
        await using var watched = Watch(file);

        _folder.RenameOver("file", "one");
        _folder.RenameOver("file", "two");

        await Eventually.TrueAsync(() => !_seen.IsEmpty, "the change is told");
        Assert.Single(_seen);
    }

    // A second look would wait for a writer that never comes.
    [Fact]
    public async Task Read_Pipe_IsReadOnceAndNotWatched()
    {
        using (var make = Process.Start("mkfifo", [_folder.File("pipe")]))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, make.ExitCode);
        }

        var reading = Task.Run(() => FileContent.Read(_folder.File("pipe")), TestContext.Current.CancellationToken);
        await using (var writer = new FileStream(_folder.File("pipe"), FileMode.Open, FileAccess.Write))
        {
            writer.Write("one"u8);
        }

        var content = await reading;
        Assert.False(content.CanChange);
        Assert.Equal("one"u8.ToArray(), content.Bytes);
    }

    [Fact]
    public void Read_Folder_SaysSo() =>
        Assert.Equal($"{_folder.Path} is a directory and not a file.", FileContent.Read(_folder.Path).Problem);

    private WatchedFile Watch(string file) =>
        new(file, FileContent.Read(file), TimeProvider.System, _log, content => _seen.Enqueue(content.Hash));
}
