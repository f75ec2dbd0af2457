using System.CommandLine;
using Mds.Metadata;

namespace Mds.Server.Commands;

/// <summary><c>mds-server show [FILE]</c>: the tree that a claims document makes.</summary>
internal static class ShowCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var file = ClaimsArgument.Create(isRequired: false);
        var command = new Command("show", "Prints every path that a claims file makes, with its value; secrets are left out.") { file };
        command.SetAction(result =>
        {
            if (ClaimsArgument.Read(result, file) is not { } claims)
            {
                return 1;
            }

            result.InvocationConfiguration.Output.Write(TreeText.Render(MetadataTree.Build(claims)));
            return 0;
        });
        return command;
    }
}
