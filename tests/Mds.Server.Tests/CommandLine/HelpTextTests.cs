using Mds.Server.CommandLine;

namespace Mds.Server.Tests.CommandLine;

public sealed class HelpTextTests
{
    private const string Golden = "CommandLine/help.golden.txt";

    [Fact]
    public void Render_Help_IsTheGoldenOne() => GoldenFile.AssertEqual(Golden, HelpText.Render());

    [Fact]
    public void Render_Help_NamesEverySwitchAndFitsTheScreen()
    {
        var lines = HelpText.Render().Split('\n');

        Assert.All(Switches.All, known => Assert.Contains(lines, line => line.StartsWith($"  -{known.Name}", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
    }
}
