using System.Diagnostics;

namespace Mds.Charts.Tests;

/// <summary>Runs the helm that <c>tests/tools/helm</c> finds or fetches.</summary>
internal static class Helm
{
    /// <summary>The chart under test.</summary>
    public static string Chart { get; } = Repository.PathOf("charts/mds");

    private static readonly Lazy<Task<string>> s_path = new(FindAsync);

    public static async Task<Output> RunAsync(params IEnumerable<string> arguments) =>
        await StartAsync(await s_path.Value, arguments);

    /// <summary>The objects of the chart as a cluster of that version would get them.</summary>
    public static async Task<IReadOnlyList<Manifest>> TemplateAsync(string kubernetes, params IEnumerable<string> arguments) =>
        Manifest.ParseAll((await RunAsync(["template", "mds", Chart, "--kube-version", kubernetes, .. arguments])).Succeeded());

    private static async Task<string> FindAsync() => (await StartAsync(Repository.PathOf("tests/tools/helm"), [])).Succeeded().Trim();

    private static async Task<Output> StartAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Output(string.Join(' ', arguments.Prepend(program)), process.ExitCode, await output, await error);
    }

    /// <summary>What one run printed.</summary>
    internal sealed record Output(string Command, int ExitCode, string Text, string Error)
    {
        /// <summary>The standard output of a run that must have worked.</summary>
        public string Succeeded()
        {
            Assert.True(ExitCode == 0, $"{Command}\nended with {ExitCode} and said: {Error}{Text}");
            return Text;
        }

        /// <summary>What a run said that must have been refused.</summary>
        public string Refused()
        {
            Assert.True(ExitCode != 0, $"{Command}\nshould have been refused, but printed: {Text}");
            return Error + Text;
        }
    }
}
