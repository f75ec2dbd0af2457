using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane;

namespace Mds.Operator.Tests.Cluster;

/// <summary>The program's own errors: a sentence each, and an exit code.</summary>
public sealed class ProgramTests(ControlPlaneFixture controlPlane)
{
    [Fact]
    public async Task Run_PortInUse_SaysWhichAndWhatToDo()
    {
        using var taken = new TcpListener(IPAddress.IPv6Any, 0) { ExclusiveAddressUse = true };
        taken.Server.DualMode = true;
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var (code, error) = await RunAsync($"--kubeconfig={controlPlane.Kubeconfig}", $"--metrics-port={port}", "--webhook-port=0");

        Assert.Equal(1, code);
        Assert.Contains($"mds-operator: Failed to bind to address http://[::]:{port}: address already in use. Choose other ports", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_KubeconfigMissing_NamesTheFile()
    {
        var missing = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.kubeconfig");

        var (code, error) = await RunAsync($"--kubeconfig={missing}");

        Assert.Equal(1, code);
        Assert.StartsWith("mds-operator: ", error, StringComparison.Ordinal);
        Assert.Contains(missing, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "mds-operator.dll"), "run", "--server-image=image", "--namespace=default", "--log-level=None", .. arguments])
        {
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }
}
