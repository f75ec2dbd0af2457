using System.Diagnostics;

namespace Mds.Tpm.Tests;

/// <summary>A character device (a terminal's) with a software TPM behind it: the system calls are those of /dev/tpmrm0.</summary>
public sealed class DeviceTests(SoftwareTpm tpm) : IClassFixture<SoftwareTpm>
{
    private const string Bridge = """
        import os, pty, select, socket, sys, tty
        device, terminal = pty.openpty()
        tty.setraw(terminal)
        print(os.ttyname(terminal), flush=True)
        server = socket.socket(socket.AF_UNIX)
        server.connect(sys.argv[1])
        while True:
            ready, _, _ = select.select([device, server], [], [])
            if device in ready:
                server.sendall(os.read(device, 4096))
            if server in ready:
                answer = server.recv(4096)
                if not answer:
                    break
                os.write(device, answer)
        """;

    [Fact]
    public async Task SignHash_DeviceFile_SignsAndKeepsItOpen()
    {
        using var bridge = Process.Start(new ProcessStartInfo("python3", ["-c", Bridge, tpm.SocketPath]) { RedirectStandardOutput = true })!;
        try
        {
            var device = await bridge.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            using var key = Signing.Open(new TpmKeyOptions
            {
                Address = TpmAddress.Parse(device!),
                KeyFile = TestKeys.KeyFile("ek-password"),
                KeyPassword = TestKeys.KeyPassword,
                EndorsementParent = true,
                SessionEncryptionName = TestKeys.EndorsementName,
            });
            for (var i = 0; i < 8; i++)
            {
                await Signing.SignAndVerifyAsync(key);
            }

            // Unplugged: the file is still there and nobody answers.
            bridge.Kill();
            await bridge.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(TpmFault.Unreachable, (await Signing.RefusalAsync(key)).Fault);
        }
        finally
        {
            bridge.Kill();
        }
    }
}
