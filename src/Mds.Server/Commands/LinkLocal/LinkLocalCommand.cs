using System.CommandLine;
using System.Text;

namespace Mds.Server.Commands;

/// <summary>
/// <c>mds-server link-local up|down</c>: gives this machine the metadata server's address and name, for programs that take
/// no other (PHP's google-auth reads no variable), and takes both away again.
/// </summary>
internal static class LinkLocalCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create() => new(
        "link-local", "Gives this machine the address 169.254.169.254 and the name metadata.google.internal, or takes both away; needs root.")
    {
        Direction("up", "Adds the address to the interface lo and a line to /etc/hosts.", LinkLocalPlan.Up),
        Direction("down", "Undoes exactly what up did.", LinkLocalPlan.Down),
    };

    private static Command Direction(string name, string description, Func<AddressOwner, string, LinkLocalPlan> plan)
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Says what would be done and does nothing; needs no root." };
        var command = new Command(name, description) { dryRun };
        command.SetAction(result =>
        {
            try
            {
                return Run(name, plan(LoopbackAddress.Owner(), Read()), result.GetValue(dryRun), result.InvocationConfiguration);
            }
            catch (Exception exception) when (exception is LinkLocalException or IOException or UnauthorizedAccessException)
            {
                result.InvocationConfiguration.Error.WriteLine($"mds-server: {exception.Message}");
                return 1;
            }
        });
        return command;
    }

    private static int Run(string name, LinkLocalPlan plan, bool dryRun, InvocationConfiguration console)
    {
        if (!dryRun && !plan.IsEmpty && !Environment.IsPrivilegedProcess)
        {
            throw new LinkLocalException($"This needs root, and nothing was done. Run: sudo mds-server link-local {name}");
        }

        console.Output.WriteLine(dryRun ? "This would be done:" : "This is being done:");
        foreach (var sentence in plan.Sentences)
        {
            console.Output.WriteLine("  " + sentence);
        }

        console.Output.Flush();
        if (dryRun || plan.IsEmpty)
        {
            return 0;
        }

        if (plan.Ip is { } arguments)
        {
            LoopbackAddress.Run(arguments);
        }

        if (plan.Hosts is { } hosts)
        {
            Write(hosts);
        }

        console.Output.WriteLine(name == "up"
            ? "Done. Serve there with: mds-server -interface 169.254.169.254 -port :80"
            : "Done.");
        return 0;
    }

    private static string Read() => File.Exists(HostsFile.Path) ? File.ReadAllText(HostsFile.Path, Encoding.Latin1) : "";

    // In place: in a container the file is a mount, which nothing can be renamed over. Latin-1 keeps every byte.
    private static void Write(string text)
    {
        using var file = new FileStream(HostsFile.Path, FileMode.OpenOrCreate, FileAccess.Write);
        file.Write(Encoding.Latin1.GetBytes(text));
        file.SetLength(file.Position);
    }
}
