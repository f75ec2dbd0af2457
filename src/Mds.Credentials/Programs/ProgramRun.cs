using System.ComponentModel;
using System.Diagnostics;

namespace Mds.Credentials;

/// <summary>A program that is run to its end, with nobody at its keyboard.</summary>
/// <param name="Program">The program.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Variables">Variables that it is given beside those of this process.</param>
/// <param name="Limit">How long it may take; it is ended then, with everything that it started.</param>
internal sealed record ProgramRun(
    string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Variables, TimeSpan Limit)
{
    /// <summary>Runs it.</summary>
    /// <param name="time">The clock of the limit.</param>
    /// <param name="cancellationToken">Gives up, and ends the program.</param>
    /// <exception cref="ProgramStartException">It could not be started.</exception>
    /// <exception cref="TimeoutException">It did not end within the limit.</exception>
    public async Task<ProgramOutcome> RunAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        using var process = Start();
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            process.StandardInput.Close();
            using var output = new MemoryStream();
            using var error = new MemoryStream();
            // Both at once: a program that fills one of them waits until it is read.
            await Task.WhenAll(
                process.StandardOutput.BaseStream.CopyToAsync(output, either.Token),
                process.StandardError.BaseStream.CopyToAsync(error, either.Token));
            await process.WaitForExitAsync(either.Token);
            return new(process.ExitCode, output.ToArray(), error.ToArray());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException();
        }
    }

    private Process Start()
    {
        var start = new ProcessStartInfo(Program, Arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        foreach (var (name, value) in Variables)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new ProgramStartException(e.Message.TrimEnd('.'));
        }
    }
}
