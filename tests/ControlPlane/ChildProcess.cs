using System.Diagnostics;

namespace ControlPlane;

/// <summary>
/// A program that ends with this one, however this one ends: a shell holds the other end of a pipe and kills the program
/// when the pipe breaks.
/// </summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private const string Script =
        """
        log=$1; shift; exec 3<&0 2> /dev/null
        "$@" < /dev/null 3<&- > "$log" 2>&1 & child=$!
        (cat <&3 > /dev/null 2>&1; kill -KILL $child 2> /dev/null) > /dev/null 2>&1 &
        wait $child
        """;

    private readonly Process _shell;
    private readonly string _log;

    private ChildProcess(Process shell, string log) => (_shell, _log) = (shell, log);

    public bool HasExited => _shell.HasExited;

    /// <summary>The last lines the program wrote, for messages.</summary>
    public string Output => File.Exists(_log) ? string.Join('\n', File.ReadLines(_log).TakeLast(15)) : "";

    public static ChildProcess Start(string program, IEnumerable<string> arguments, string log)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", Script, "sh", log, program, .. arguments])
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return new ChildProcess(Process.Start(start)!, log);
    }

    /// <summary>Kills the program, without giving it time to say goodbye.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
