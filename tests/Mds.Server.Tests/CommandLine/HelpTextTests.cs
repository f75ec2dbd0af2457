using Mds.Server.CommandLine;

namespace Mds.Server.Tests.CommandLine;

public sealed class HelpTextTests
{
    [Fact]
    public void Render_Help_IsTheGoldenOne() =>
        Golden.Verify("tests/Mds.Server.Tests/CommandLine/help.golden.txt", HelpText.Render());

    [Fact]
    public void Render_Help_NamesEverySwitchAndFitsTheScreen()
    {
        var lines = HelpText.Render().Split('\n');

        Assert.All(Switches.All, known => Assert.Contains(lines, line => line.StartsWith($"  -{known.Name}", StringComparison.Ordinal)));
        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
    }
}
