using System.Text.Json.Nodes;
using Mds.Metadata;
using Mds.Server.Samples;
using Mds.Server.Tests.Hosting;

namespace Mds.Server.Tests.Commands;

/// <summary>The subcommands check, show and sample.</summary>
public sealed class ClaimsCommandTests
{
    [Fact]
    public async Task Check_ErrorsInSeveralPlaces_SaysEachWithItsLineAndPath()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("claims.json", """
            {
              "instance": {"id": 4.5e18, "tags": "a"},
              "project": {"projectId": "p", "project-id": "q"}
            }
            """);

        var run = await SubcommandRun.OfAsync("check", file);

        Assert.Equal((1, ""), (run.ExitCode, run.Output));
        Assert.Equal(
            [$"{file}:2:22: $.instance.id", $"{file}:2:38: $.instance.tags", $"{file}:3:33: $.project['project-id']"],
            run.Errors.TrimEnd('\n').Split('\n').Select(line => string.Join(':', line.Split(':')[..4])));
    }

    [Fact]
    public async Task Check_GoodClaims_PrintsWhatTheyDescribe()
    {
        var run = await SubcommandRun.OfAsync(
            """{"project": {"projectId": "p", "numericProjectId": 7}, "instance": {"name": "n", "zone": "projects/7/zones/z"}}""", ["check", "-"]);

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Assert.StartsWith(
            "claims    standard input: in order\nproject   p (7)\ninstance  n, projects/7/zones/z\naccounts  (none)\npaths     ", run.Output);
    }

    [Fact]
    public async Task Check_NoSuchFile_SaysSo() => Assert.Equal(
        new SubcommandRun(1, "", "mds-server: The file /nowhere/claims.json does not exist.\n"),
        await SubcommandRun.OfAsync("check", "/nowhere/claims.json"));

    [Fact]
    public async Task Check_OfTheSample_Succeeds() => Assert.Equal(
        0, (await SubcommandRun.OfAsync((await SubcommandRun.OfAsync("sample")).Output, ["check", "-"])).ExitCode);

    [Fact]
    public async Task Sample_Printed_HasEveryKeyThatIsKnown()
    {
        var sample = JsonNode.Parse((await SubcommandRun.OfAsync("sample")).Output)!;
        var claims = MetadataTree.Build(Claims.Parse(SampleClaims.ReadFull(), "sample"));

        // What a document with nothing in it has by default, and what the server's own sample has, is in the full one too.
        var expected = MetadataTree.Build(Claims.Parse("{}"u8.ToArray(), "empty")).Nodes
            .Concat(MetadataTree.Build(Claims.Parse(SampleClaims.Read(), "served")).Nodes)
            .Select(node => node.Value.Template).Distinct();
        Assert.Empty(expected.Except(claims.Nodes.Select(node => node.Value.Template)));
        Assert.Equal(["attributes", "numericProjectId", "projectId"], sample["project"]!.AsObject().Select(member => member.Key).Order());
    }

    [Fact]
    public async Task Show_TheServersOwnSample_IsTheGoldenText()
    {
        var run = await SubcommandRun.OfAsync("show");

        Assert.Equal((0, ""), (run.ExitCode, run.Errors));
        Golden.Verify("tests/Mds.Server.Tests/Commands/show.golden.txt", run.Output);
    }

    [Fact]
    public async Task Show_Secrets_LeavesThemOut()
    {
        var run = await SubcommandRun.OfAsync(
            """
            {"instance": {
              "attributes": {"db-password": "hunter2", "kube-env": "KUBELET_KEY: c2VjcmV0", "note": "plain", "pem": "-----BEGIN PRIVATE KEY-----\nMIIB\n"},
              "gceWorkloadCertificates": {"workloadIdentities": {"workloadCredentials": {"spiffe://x": {"privateKeyPem": "topsecret"}}}}
            }}
            """,
            ["show", "-"]);

        Assert.Contains("instance/attributes/note", run.Output);
        Assert.Contains("plain", run.Output);
        Assert.Equal(4, run.Output.Split("(not shown, ").Length - 1);
        Assert.All(["hunter2", "c2VjcmV0", "MIIB", "topsecret"], secret => Assert.DoesNotContain(secret, run.Output));
    }

    [Theory]
    [InlineData("mds-server: Required argument 'FILE' missing for command: 'check'.\nmds-server: see mds-server check --help.\n", "check")]
    [InlineData("mds-server: Required command was not provided.\nmds-server: see mds-server link-local --help.\n", "link-local")]
    [InlineData("mds-server: Unrecognized command or argument '--dryrun'.\nmds-server: see mds-server link-local up --help.\n", "link-local", "up", "--dryrun")]
    public async Task Run_WrongArguments_SaysSoAndExitsWithTwo(string errors, params string[] arguments) =>
        Assert.Equal(new SubcommandRun(2, "", errors), await SubcommandRun.OfAsync(arguments));

    [Fact]
    public async Task Run_HelpOfASubcommand_DescribesIt()
    {
        var run = await SubcommandRun.OfAsync("link-local", "up", "--help");

        Assert.Equal(0, run.ExitCode);
        Assert.Contains("mds-server link-local up [options]", run.Output);
        Assert.Contains("--dry-run", run.Output);
    }
}
