using System.Diagnostics;
using System.Globalization;

namespace Mds.Operator.Tests.Cluster;

/// <summary>The real program as a process of its own, so that it can be killed.</summary>
internal sealed class OperatorProcess : IAsyncDisposable
{
    private readonly Process _process;

    private OperatorProcess(Process process) => _process = process;

    public static OperatorProcess Start(string kubeconfig, string podName)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "mds-operator.dll");
        var start = new ProcessStartInfo(
            "dotnet",
            [
                program, "run", $"--kubeconfig={kubeconfig}", $"--namespace={Installation.Namespace}", $"--pod-name={podName}",
                "--server-image=registry.example/mds-server:1", "--webhook-port=0", "--metrics-port=0", "--log-level=Error",
                "--shutdown-delay=0",
            ]);
        return new OperatorProcess(Process.Start(start)!);
    }

    /// <summary>Ends it as a crash of its node would.</summary>
    public async Task KillAsync(CancellationToken cancellationToken)
    {
        _process.Kill();
        await _process.WaitForExitAsync(cancellationToken);
    }

    /// <summary>Ends it as Kubernetes does.</summary>
    /// <returns>Its exit code.</returns>
    public async Task<int> TerminateAsync(CancellationToken cancellationToken)
    {
        using var kill = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
