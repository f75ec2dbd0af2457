using System.Diagnostics;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Commands;

/// <summary>The real thing, in a network and a hosts file of the test's own (namespaces, which need root or user namespaces).</summary>
public sealed class LinkLocalTests
{
    private const string Hosts = "127.0.0.1 localhost\n10.1.2.3 neighbour";

    [Fact]
    public async Task UpAndDown_InANetworkOfItsOwn_ServesAtTheRealNameAndLeavesNoTrace()
    {
        using var folder = new TemporaryFolder();
        var hosts = folder.Write("hosts", Hosts);
        var server = $"dotnet {Path.Combine(AppContext.BaseDirectory, "mds-server.dll")}";
        var script = folder.Write("script", $$"""
            set -eu
            mount --bind {{hosts}} /etc/hosts
            ip link set lo up
            ip -br address > before
            {{server}} link-local up --dry-run > dry-run
            ip -br address | cmp - before
            {{server}} link-local up > up
            cp /etc/hosts hosts-up
            {{server}} link-local up > up-again
            cmp /etc/hosts hosts-up
            {{server}} -interface 169.254.169.254 -port :80 > serving 2> log &
            pid=$!
            n=0
            for name in metadata.google.internal metadata.google.internal.; do
              curl --silent --show-error --fail --max-time 60 --retry 600 --retry-delay 1 --retry-max-time 60 --retry-connrefused \
                --header 'Metadata-Flavor: Google' "http://$name/computeMetadata/v1/project/project-id" > "answer$n"
              n=$((n + 1))
            done
            kill "$pid"
            wait "$pid"
            {{server}} link-local down > down
            cmp /etc/hosts original
            ip -br address | cmp - before
            {{server}} link-local down > down-again
            """);
        folder.Write("original", Hosts);

        var (exitCode, errors) = await UnshareAsync(folder.Path, script);

        Assert.True(exitCode == 0, $"exit code {exitCode}: {errors}");
        Assert.Equal(("mds-sample", "mds-sample"), (File.ReadAllText(folder.File("answer0")), File.ReadAllText(folder.File("answer1"))));
        Assert.StartsWith("This would be done:\n  run: ip address add 169.254.169.254/32 dev lo label lo:mds", File.ReadAllText(folder.File("dry-run")));
        Assert.EndsWith("Done. Serve there with: mds-server -interface 169.254.169.254 -port :80\n", File.ReadAllText(folder.File("up")));
        Assert.Contains("where this command put it before", File.ReadAllText(folder.File("up-again")));
        Assert.Contains("  run: ip address del 169.254.169.254/32 dev lo label lo:mds\n", File.ReadAllText(folder.File("down")));
        Assert.Contains("leave lo as it is", File.ReadAllText(folder.File("down-again")));
    }

    // In a namespace of users that maps nobody, whoever runs is no longer root; the network and the hosts file are the same there.
    [Fact]
    public async Task Up_WithoutRoot_IsASentenceAndPrintsNothingElse()
    {
        using var folder = new TemporaryFolder();
        var script = folder.Write("script", $$"""
            set -u
            mount --bind {{folder.Write("hosts", Hosts)}} /etc/hosts
            ip -br address > before
            unshare --user dotnet {{Path.Combine(AppContext.BaseDirectory, "mds-server.dll")}} link-local up > printed
            echo $? > code
            set -e
            cmp /etc/hosts original
            ip -br address | cmp - before
            """);
        folder.Write("original", Hosts);

        var (exitCode, errors) = await UnshareAsync(folder.Path, script);

        Assert.Equal(
            (0, "mds-server: This needs root, and nothing was done. Run: sudo mds-server link-local up\n"), (exitCode, errors));
        Assert.Equal(("1\n", ""), (File.ReadAllText(folder.File("code")), File.ReadAllText(folder.File("printed"))));
    }

    private static async Task<(int ExitCode, string Errors)> UnshareAsync(string folder, string script)
    {
        // Who is not root gets to be root in a namespace of users, where the kernel lets them.
        string[] user = Environment.IsPrivilegedProcess ? [] : ["--map-root-user"];
        using var process = Process.Start(new ProcessStartInfo("unshare", [.. user, "--net", "--mount", "sh", script])
        {
            WorkingDirectory = folder,
            RedirectStandardError = true,
        })!;
        try
        {
            var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
