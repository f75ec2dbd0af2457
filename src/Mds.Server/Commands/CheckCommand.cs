using System.CommandLine;
using System.Globalization;
using System.Text;
using Mds.Metadata;

namespace Mds.Server.Commands;

/// <summary><c>mds-server check FILE</c>: says everything that is wrong with a claims document, or what it describes.</summary>
internal static class CheckCommand
{
    private const string Instance = "/computeMetadata/v1/instance/";

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var file = ClaimsArgument.Create(isRequired: true);
        var command = new Command("check", "Says everything that is wrong with a claims file, with line and JSON path; exit code 1 if anything is.")
        {
            file,
        };
        command.SetAction(result =>
        {
            if (ClaimsArgument.Read(result, file) is not { } claims)
            {
                return 1;
            }

            result.InvocationConfiguration.Output.Write(Summary(claims));
            return 0;
        });
        return command;
    }

    /// <summary>What a document without errors describes, in a few lines.</summary>
    private static string Summary(Claims claims)
    {
        var tree = MetadataTree.Build(claims);
        var accounts = tree.Find(Instance + "service-accounts/")!.Render()!.Value.Body;
        var text = new StringBuilder();
        Line("claims", $"{claims.Source}: in order");
        Line("project", $"{claims.ProjectId ?? "(none)"} ({claims.NumericProjectId ?? "no number"})");
        Line("instance", $"{Leaf("name") ?? "(no name)"}, {Leaf("zone") ?? Leaf("region") ?? "no zone"}");
        Line("accounts", string.Join(", ", Encoding.UTF8.GetString(accounts.Span)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(entry => entry.TrimEnd('/')).DefaultIfEmpty("(none)")));
        Line("paths", tree.Nodes.Count().ToString(CultureInfo.InvariantCulture));
        return text.ToString();

        void Line(string name, string value) => text.Append(name.PadRight(10)).Append(value).Append('\n');

        string? Leaf(string key) => tree.Find(Instance + key)?.Render() is { Body.Length: > 0 } rendering
            ? Encoding.UTF8.GetString(rendering.Body.Span)
            : null;
    }
}
