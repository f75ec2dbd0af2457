using System.ComponentModel;
using System.Diagnostics;
using System.Net.Sockets;

namespace Mds.Tpm.Tests;

/// <summary>A software TPM (swtpm) with a state and a socket of its own.</summary>
public sealed class SoftwareTpm : IDisposable
{
    private const string Packages = "install the Debian packages swtpm, tpm2-tools, openssl and xxd (make test does)";

    private readonly string _folder = Directory.CreateTempSubdirectory("mds-swtpm-").FullName;
    private readonly string _state;
    private Process? _process;

    /// <summary>Starts one that has every test key.</summary>
    public SoftwareTpm()
        : this(null)
    {
    }

    private SoftwareTpm(string? state)
    {
        _state = state ?? Path.Combine(_folder, "state");
        if (state is null)
        {
            Directory.CreateDirectory(_state);
            foreach (var file in Directory.GetFiles(TestKeys.State))
            {
                File.Copy(file, Path.Combine(_state, Path.GetFileName(file)));
            }
        }

        Start();
    }

    /// <summary>Its socket.</summary>
    public string SocketPath => Path.Combine(_folder, "tpm");

    public TpmAddress Address => TpmAddress.Parse($"unix:{SocketPath}");

    /// <summary>Starts one on a state folder that is used as it is.</summary>
    public static SoftwareTpm StartOn(string state) => new(state);

    /// <summary>Starts it, with a TPM reset; the state is that of before.</summary>
    public void Start(string flags = "not-need-init,startup-clear")
    {
        File.Delete(SocketPath);
        _process = Launch(
            "swtpm",
            [
                "socket", "--tpm2", "--tpmstate", $"dir={_state}", "--server", $"type=unixio,path={SocketPath}",
                "--ctrl", $"type=unixio,path={SocketPath}.ctrl", "--flags", flags,
            ]);
        var deadline = Stopwatch.StartNew();
        while (!CanConnect())
        {
            if (_process.HasExited || deadline.Elapsed > TimeSpan.FromMinutes(1))
            {
                // What it said of itself ends only when it does.
                _process.Kill();
                throw new InvalidOperationException($"swtpm did not start: {_process.StandardError.ReadToEnd()}");
            }

            Thread.Yield();
        }
    }

    /// <summary>Ends it, as pulling a plug does.</summary>
    public void Stop()
    {
        _process!.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Empties its places for objects and sessions.</summary>
    public void Flush()
    {
        Run("tpm2_flushcontext", "--transient-object");
        Run("tpm2_flushcontext", "--loaded-session");
        Run("tpm2_flushcontext", "--saved-session");
    }

    /// <summary>Runs a program of tpm2-tools against it, and answers what it printed.</summary>
    public string Run(string program, params string[] arguments)
    {
        using var process = Launch(program, arguments, $"swtpm:path={SocketPath}");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.GetAwaiter().GetResult()}");
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            Stop();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static Process Launch(string program, IEnumerable<string> arguments, string? tcti = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TPM2TOOLS_TCTI"] = tcti;
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            throw new InvalidOperationException($"{program} is missing: {Packages}.");
        }
    }

    // A connection that was only tried is closed again; swtpm then waits for the next one.
    private bool CanConnect()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
