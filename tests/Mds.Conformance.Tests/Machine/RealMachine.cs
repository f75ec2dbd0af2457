using System.Diagnostics;

namespace Mds.Conformance.Tests;

/// <summary>
/// A machine of its own for a server: network and mount namespaces in which 169.254.169.254:80 and metadata.google.internal
/// are that server, as on Compute Engine. Clients in it need no variable; nothing of it is left when the server ends.
/// </summary>
public sealed class RealMachine : IAsyncLifetime
{
    private const string ToInstall =
        "Linux with iproute2 and util-linux, and run the tests as root or where users may make namespaces (kernel.unprivileged_userns_clone)";

    private static readonly bool IsRoot = Environment.IsPrivilegedProcess;

    private MdsServer? _server;

    /// <summary>The home folder of the programs in it.</summary>
    public string Home { get; } = Directory.CreateTempSubdirectory("mds-machine-").FullName;

    public async ValueTask InitializeAsync() => _server = await MdsServer.StartAsync(
        Home,
        ["unshare", .. IsRoot ? Array.Empty<string>() : ["--map-root-user"], "--net", "--mount", "/bin/sh", Built.File("machine/enter")],
        ["-configFile", Built.File("claims.json"), "-interface", "169.254.169.254", "-port", ":80", "-local"]);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        Directory.Delete(Home, recursive: true);
    }

    /// <summary>Runs a program in the machine and returns what it printed.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="toInstall">What a person must install to run it.</param>
    /// <param name="variables">Its environment.</param>
    internal Task<string> RunAsync(string[] command, string toInstall, params KeyValuePair<string, string>[] variables) =>
        ChildProcess.RunAsync(
            ChildProcess.Describe(
                "nsenter",
                [
                    "--target", $"{_server!.Id}", "--net", "--mount", .. IsRoot ? Array.Empty<string>() : ["--user", "--preserve-credentials"],
                    "--", .. command,
                ],
                Home,
                variables),
            $"{toInstall}; {ToInstall}");

    /// <summary>Reads a key as a shell does, from within.</summary>
    internal Task<string> GetAsync(string path) => RunAsync(
        ["curl", "--silent", "--show-error", "--fail", "--header", "Metadata-Flavor: Google", $"http://metadata/computeMetadata/v1/{path}"],
        "curl");
}
