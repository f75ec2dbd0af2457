using System.Diagnostics;

namespace Mds.Cluster.Tests.Programs;

/// <summary>A program that the tests use as a person at a shell does.</summary>
public sealed class ExternalProgram(string path)
{
    /// <summary>Runs it to its end, whatever that is. Cancelling ends it.</summary>
    public async Task<ProgramResult> TryAsync(string? input, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo(path, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{path} did not start.");
        await using var end = cancellation.Register(() => process.Kill(entireProcessTree: true));
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync(CancellationToken.None);
        cancellation.ThrowIfCancellationRequested();
        return new($"{Path.GetFileName(path)} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
    }

    /// <summary>Runs it and gives what it printed; throws with all it said when it fails.</summary>
    public async Task<string> RunAsync(CancellationToken cancellation, params string[] arguments) =>
        (await TryAsync(null, cancellation, arguments)).Required();
}
