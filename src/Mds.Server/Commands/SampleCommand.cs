using System.CommandLine;
using System.Text;
using Mds.Server.Samples;

namespace Mds.Server.Commands;

/// <summary><c>mds-server sample</c>: a claims document with everything in it, to start from.</summary>
internal static class SampleCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var command = new Command("sample", "Prints a claims file with everything in it, to start from: mds-server sample > claims.json");
        command.SetAction(result => result.InvocationConfiguration.Output.Write(Encoding.UTF8.GetString(SampleClaims.ReadFull())));
        return command;
    }
}
