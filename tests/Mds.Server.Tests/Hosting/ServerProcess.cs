using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Mds.Server.Tests.Hosting;

/// <summary>The real <c>mds-server</c> process, as it was built beside the tests.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(1);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();

    private ServerProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Append(_output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(_errors, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Id => _process.Id;

    public string Output => Read(_output);

    public string Errors => Read(_errors);

    /// <summary>The address of the admin listener, once it listens.</summary>
    public Uri Admin => Address("admin");

    /// <summary>How much memory of the machine it has now.</summary>
    public long ResidentBytes => 1024 * Number("VmRSS:");

    /// <summary>How many threads it has now.</summary>
    public long Threads => Number("Threads:");

    /// <summary>How many files and sockets it has open now.</summary>
    public int OpenFiles => Directory.GetFileSystemEntries($"/proc/{_process.Id}/fd").Length;

    public static ServerProcess Start(IEnumerable<string> arguments, params (string Name, string Value)[] variables)
    {
        // Shells start background jobs with SIGINT ignored, which children inherit; a test run may be one.
        var start = new ProcessStartInfo("env")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        string[] command = ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "mds-server.dll"), .. arguments];
        foreach (var argument in command)
        {
            start.ArgumentList.Add(argument);
        }

        // What the person who runs the tests has set is not what they are about.
        foreach (var name in start.Environment.Keys.ToList())
        {
            if (name.StartsWith("MDS_", StringComparison.Ordinal) || name.StartsWith("GOOGLE_", StringComparison.Ordinal)
                || name.StartsWith("OTEL_", StringComparison.Ordinal))
            {
                start.Environment.Remove(name);
            }
        }

        foreach (var (name, value) in variables)
        {
            start.Environment[name] = value;
        }

        return new ServerProcess(new Process { StartInfo = start });
    }

    /// <summary>Runs a command that ends by itself.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        var exitCode = await process.ExitCodeAsync();
        return (exitCode, process.Output, process.Errors);
    }

    /// <summary>Waits until it listens.</summary>
    /// <returns>The address of the metadata listener.</returns>
    public async Task<Uri> ListeningAsync()
    {
        await Eventually.TrueAsync(
            () => _process.HasExited || Output.Contains("METADATA_SERVER_DETECTION", StringComparison.Ordinal), "the server listens");
        Assert.False(_process.HasExited, Errors);
        return Address("metadata");
    }

    public async Task SignalAsync(PosixSignal signal)
    {
        using var kill = Process.Start("kill", [signal == PosixSignal.SIGTERM ? "-TERM" : "-INT", $"{_process.Id}"]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<int> ExitCodeAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(Deadline, TestContext.Current.CancellationToken);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private Uri Address(string listener) =>
        new(Output.Split('\n').Single(line => line.StartsWith($"# {listener}: ", StringComparison.Ordinal))[$"# {listener}: ".Length..]);

    private long Number(string name) => long.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith(name, StringComparison.Ordinal))
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1],
        System.Globalization.CultureInfo.InvariantCulture);

    private static void Append(StringBuilder text, string? line)
    {
        if (line is not null)
        {
            lock (text)
            {
                text.Append(line).Append('\n');
            }
        }
    }

    private static string Read(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }
}
