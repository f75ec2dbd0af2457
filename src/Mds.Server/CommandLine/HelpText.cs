using System.CommandLine;
using System.Text;
using Mds.Server.Commands;

namespace Mds.Server.CommandLine;

/// <summary>What <c>mds-server --help</c> prints.</summary>
internal static class HelpText
{
    private const int DescriptionColumn = 32;

    /// <summary>Renders the help.</summary>
    public static string Render()
    {
        var text = new StringBuilder();
        text.Append(
            """
            mds-server: the Compute Engine metadata server, for machines that are not Google's.

            Usage: mds-server [switches]
                   mds-server SUBCOMMAND [arguments]

            Try it, with nothing but this:
              mds-server --local
              curl -H 'Metadata-Flavor: Google' http://127.0.0.1:8080/computeMetadata/v1/instance/service-accounts/default/token

            Your own claims and a service account's key:
              mds-server -configFile claims.json -serviceAccountFile key.json


            """);
        text.Append("Subcommands; mds-server SUBCOMMAND --help says more\n");
        foreach (var command in Subcommands.Create())
        {
            AppendLine(text, $"{command.Name}{Arguments(command)}", command.Description!.Split(';', ':', ',')[0].TrimEnd('.'), null);
        }

        text.Append('\n');
        foreach (var group in Switches.All.GroupBy(known => known.Group))
        {
            text.Append(group.Key).Append('\n');
            foreach (var known in group)
            {
                AppendLine(text, known.IsFlag ? $"-{known.Name}" : $"-{known.Name} {known.Value}", known.Description, known.Default);
            }

            if (group.Any(known => known.Name == "settings"))
            {
                AppendLine(text, "-version", "print the version and stop", null);
                AppendLine(text, "-help", "print this and stop", null);
            }

            text.Append('\n');
        }

        text.Append(
            """
            A switch takes one dash or two, and its value after a space or "=".
            One without a value says yes, as -local does; -prefetch=false says no.
            Each can be set as a variable too (MDS_port=:8081) or in the settings file ("port": ":8081").
            Settings file < variables < switches.

            Variables that replace what the claims say, as the reference emulator has them:
              GOOGLE_PROJECT_ID, GOOGLE_NUMERIC_PROJECT_ID, GOOGLE_SERVICE_ACCOUNT (an e-mail address)
              GOOGLE_ACCESS_TOKEN, GOOGLE_ID_TOKEN (fixed tokens for the account "default")

            """);
        return text.ToString();
    }

    private static string Arguments(Command command) => command switch
    {
        { Subcommands.Count: > 0 } => " " + string.Join('|', command.Subcommands.Select(inner => inner.Name)),
        { Arguments: [{ Arity.MinimumNumberOfValues: 0 } argument] } => $" [{argument.Name}]",
        { Arguments: [var argument] } => $" {argument.Name}",
        _ => "",
    };

    private static void AppendLine(StringBuilder text, string name, string description, string? value)
    {
        // A name that is too long for its column has the line to itself.
        text.Append("  ").Append(name.Length < DescriptionColumn
            ? name.PadRight(DescriptionColumn)
            : $"{name}\n  {new string(' ', DescriptionColumn)}").Append(description);
        if (value is not null)
        {
            text.Append(" (default: ").Append(value).Append(')');
        }

        text.Append('\n');
    }
}
