using System.Diagnostics;

namespace Mds.Tpm.Tests;

/// <summary>
/// A character device with a software TPM behind it, at a path of its own. It is a pseudo-terminal in raw mode: opened, written
/// to and read by the system calls that <c>/dev/tpmrm0</c> is, a command in one write and its answer in one read. Making a device
/// of the kernel's own (vtpm_proxy, CUSE) would take root and its modules.
/// </summary>
internal sealed class TpmDevice : IDisposable
{
    // In a session of its own, whose terminal it is: elsewhere it would become that of whoever opens it first, and end them.
    private const string Bridge = """
        import fcntl, os, pty, select, socket, sys, termios, tty
        os.setsid()
        device, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        tty.setraw(terminal)
        tpm = socket.socket(socket.AF_UNIX)
        tpm.connect(sys.argv[1])
        print(os.ttyname(terminal), flush=True)
        while True:
            ready = select.select([device, tpm], [], [])[0]
            if device in ready:
                tpm.sendall(os.read(device, 4096))
            if tpm in ready:
                answer = tpm.recv(4096)
                if not answer:
                    break
                os.write(device, answer)
        """;

    private readonly SoftwareTpm _tpm;
    private Process? _bridge;

    /// <summary>Plugs it in.</summary>
    public TpmDevice(SoftwareTpm tpm)
    {
        _tpm = tpm;
        Plug();
    }

    public TpmAddress Address => TpmAddress.Parse($"{_tpm.SocketPath}rm0");

    /// <summary>Plugs it in: there is a device at the path, and perhaps another one than before.</summary>
    public void Plug()
    {
        _bridge = Process.Start(new ProcessStartInfo("python3", ["-c", Bridge, _tpm.SocketPath]) { RedirectStandardOutput = true })!;
        File.CreateSymbolicLink(
            Address.Text, _bridge.StandardOutput.ReadLine() ?? throw new InvalidOperationException("python3 cannot make a pseudo-terminal."));
    }

    /// <summary>Unplugs it: there is nothing at the path, and what has it open can neither write nor read any more.</summary>
    public void Unplug()
    {
        File.Delete(Address.Text);
        _bridge!.Kill();
        _bridge.WaitForExit();
        _bridge.Dispose();
        _bridge = null;
    }

    public void Dispose()
    {
        if (_bridge is not null)
        {
            Unplug();
        }
    }
}
