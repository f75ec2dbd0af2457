using System.ComponentModel;
using System.Diagnostics;

namespace Mds.Conformance.Tests;

/// <summary>A program run to its end in an environment that holds nothing but what the test gives it.</summary>
internal static class ChildProcess
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    /// <summary>An environment without proxies and without credentials of the machine's owner.</summary>
    public static ProcessStartInfo Describe(
        string program, IEnumerable<string> arguments, string home, IEnumerable<KeyValuePair<string, string>> variables)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home,
        };
        var inherited = start.Environment.Where(variable => variable.Key is "PATH" or "DOTNET_ROOT").ToArray();
        start.Environment.Clear();
        foreach (var (name, value) in inherited)
        {
            start.Environment[name] = value;
        }

        start.Environment["HOME"] = home;
        start.Environment["NO_PROXY"] = "127.0.0.1";
        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>The environment as it is: how a package tool reaches its registry is the machine's own affair.</summary>
    public static ProcessStartInfo AsOnThisMachine(string program, IEnumerable<string> arguments, string folder) =>
        new(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };

    /// <summary>Runs it and returns what it printed.</summary>
    /// <param name="start">What to run.</param>
    /// <param name="toInstall">What a person must install where the program is missing.</param>
    public static async Task<string> RunAsync(ProcessStartInfo start, string toInstall)
    {
        using var process = Start(start, toInstall);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Deadline);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(limit.Token);
            var errors = process.StandardError.ReadToEndAsync(limit.Token);
            await process.WaitForExitAsync(limit.Token);
            Assert.True(
                process.ExitCode == 0,
                $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode} (needed: {toInstall}):\n{await errors}");
            return await output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    public static Process Start(ProcessStartInfo start, string toInstall)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{start.FileName} cannot be started ({e.Message}). Install {toInstall}.", e);
        }
    }
}
