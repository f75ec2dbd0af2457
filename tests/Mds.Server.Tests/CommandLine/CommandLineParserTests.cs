using Mds.Server.CommandLine;

namespace Mds.Server.Tests.CommandLine;

public sealed class CommandLineParserTests
{
    public static TheoryData<string> SwitchNames => [.. Switches.All.Select(known => known.Name)];

    [Theory]
    [InlineData("-port", ":80")]
    [InlineData("-port=:80")]
    [InlineData("--port", ":80")]
    [InlineData("--port=:80")]
    public void Parse_EachForm_IsUnderstood(params string[] arguments)
    {
        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse(arguments));

        Assert.Equal(":80", run.Switches["port"]);
        Assert.Single(run.Switches);
    }

    [Theory]
    [MemberData(nameof(SwitchNames))]
    public void Parse_EverySwitch_KeepsItsValue(string name)
    {
        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse([$"-{name}=a=b:c"]));

        Assert.Equal("a=b:c", run.Switches[name]);
    }

    [Theory]
    [InlineData("true", "-local")]
    [InlineData("true", "--local", "-port", "80")]
    [InlineData("false", "-local=false", "-port", "80")]
    [InlineData("false", "-local", "false", "-port", "80")]
    public void Parse_Flag_MayStandAlone(string expected, params string[] arguments)
    {
        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse(arguments));

        Assert.Equal(expected, run.Switches["local"]);
    }

    [Fact]
    public void Parse_GivenTwice_LastOneCounts()
    {
        var run = Assert.IsType<RunCommand>(CommandLineParser.Parse(["-port", "80", "-port", "90"]));

        Assert.Equal("90", run.Switches["port"]);
    }

    [Theory]
    [InlineData("There is no switch -prot. Did you mean -port? See mds-server --help.", "-prot", "80")]
    [InlineData("There is no switch -prot. Did you mean -port? See mds-server --help.", "-prot=80")]
    [InlineData("There is no switch --configfile. Did you mean -configFile? See mds-server --help.", "--configfile", "x")]
    [InlineData("There is no switch -metricEnabled. Did you mean -metricsEnabled? See mds-server --help.", "-local", "-metricEnabled")]
    [InlineData("There is no switch -xyzzyplugh. See mds-server --help.", "-xyzzyplugh")]
    [InlineData("There is no subcommand \"chek\". Did you mean check? See mds-server --help.", "chek", "claims.json")]
    [InlineData("There is no subcommand \"xyzzyplugh\". See mds-server --help.", "xyzzyplugh")]
    [InlineData("There is no subcommand \"claims.json\". To serve it as claims: mds-server -configFile claims.json. See mds-server --help.", "claims.json")]
    [InlineData("The subcommand check must stand before everything else. See mds-server check --help.", "-local=true", "check")]
    [InlineData("-configFile needs a value: -configFile FILE.", "-configFile")]
    [InlineData("-configFile needs a value: -configFile FILE.", "-configFile=")]
    [InlineData("-configFile needs a value: -configFile FILE.", "-configFile", "")]
    public void Parse_Wrong_IsOneSentence(string sentence, params string[] arguments)
    {
        var invalid = Assert.IsType<InvalidCommand>(CommandLineParser.Parse(arguments));

        Assert.Equal([sentence], invalid.Errors);
    }

    [Fact]
    public void Parse_SeveralWrong_SaysAll()
    {
        var invalid = Assert.IsType<InvalidCommand>(CommandLineParser.Parse(["-prot", "80", "-configFile", "-locale", "-port"]));

        Assert.Contains(invalid.Errors, error => error.Contains("-prot."));
        Assert.Contains(invalid.Errors, error => error.Contains("-port needs a value"));
    }

    [Theory]
    [InlineData("check", "claims.json")]
    [InlineData("link-local", "up", "--dry-run")]
    public void Parse_Subcommand_IsHandedOn(params string[] arguments) =>
        Assert.Equal(arguments, Assert.IsType<SubcommandLine>(CommandLineParser.Parse(arguments)).Arguments);

    [Theory]
    [InlineData("-help")]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("-port", "x", "--help")]
    public void Parse_Help_Wins(params string[] arguments) => Assert.IsType<HelpCommand>(CommandLineParser.Parse(arguments));

    [Theory]
    [InlineData("-version")]
    [InlineData("--version")]
    public void Parse_Version_IsAsked(string argument) => Assert.IsType<VersionCommand>(CommandLineParser.Parse([argument]));
}
