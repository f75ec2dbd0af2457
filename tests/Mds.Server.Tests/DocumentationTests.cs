using System.Text.RegularExpressions;
using Mds.Server.CommandLine;
using Mds.Server.CredentialKinds;
using Mds.Server.Settings;
using Mds.Server.Telemetry;

namespace Mds.Server.Tests;

public sealed class DocumentationTests
{
    private static readonly string Page = Repository.Read("docs/server.md");

    public static TheoryData<string> CredentialKindNames => [.. KnownCredentialKinds.All.Select(kind => kind.Name)];

    [Fact]
    public void ServerPage_TableOfSettings_HasExactlyTheSettings()
    {
        var table = Page[Page.IndexOf("## All settings", StringComparison.Ordinal)..];

        var documented = Rows(table[..table.IndexOf("```json", StringComparison.Ordinal)]);

        Assert.Equal(
            Switches.All.Select(known => known.Name).Concat(SettingsFile.KeysOnly).Order(), documented.Order());
    }

    [Fact]
    public void TelemetryPage_TableOfMetrics_HasEveryInstrument()
    {
        var telemetry = Repository.Read("docs/telemetry.md");
        using var metrics = new ServerMetrics("0", () => null, TimeProvider.System);
        var instruments = new List<string>();
        using var listener = new System.Diagnostics.Metrics.MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter == metrics.Meter)
            {
                instruments.Add(instrument.Name);
            }
        };
        listener.Start();

        Assert.NotEmpty(instruments);
        Assert.All(instruments, name => Assert.Contains($"`{name}`", telemetry));
    }

    [Fact]
    public void ServerPage_SettingsFile_CanBeRead()
    {
        var start = Page.IndexOf("```json", StringComparison.Ordinal) + "```json".Length;
        using var folder = new TemporaryFolder();
        var file = folder.Write("settings.json", Page[start..Page.IndexOf("```", start, StringComparison.Ordinal)]);

        var settings = SettingsReader.Read(
            new Dictionary<string, string?> { ["settings"] = file }, new Dictionary<string, string>());

        Assert.Equal(3, settings.Credentials.Count);
    }

    [Theory]
    [MemberData(nameof(CredentialKindNames))]
    public void CredentialsPage_OfEachKind_LinksThePageThatHasItsKeys(string name)
    {
        var row = Assert.Single(
            Repository.Read("docs/credentials.md").Split('\n'), line => Regex.IsMatch(line, $@"^\|.*\| `{name}`[ (]"));
        var page = Repository.Read(Path.Combine("docs", Regex.Match(row, @"\]\(([^)#]+)").Groups[1].Value));

        Assert.All(KnownCredentialKinds.Find(name)!.Keys, key => Assert.Matches($@"\b{key.Name}\b", page));
    }

    // A test is named by its method or, of the replayed clients, by its file: a whole class shows nothing in particular.
    [Fact]
    public void FidelityPage_EveryRow_NamesTestsThatExist()
    {
        var sources = Directory.GetFiles(Repository.PathOf("tests"), "*.*", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Intersect(["bin", "obj"]).Any())
            .ToLookup(Path.GetExtension);
        var code = string.Concat(sources[".cs"].Select(File.ReadAllText));
        var rows = Repository.Read("docs/fidelity.md").Split('\n')
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.EndsWith("| test |", StringComparison.Ordinal))
            .ToList();

        Assert.True(rows.Count > 150, $"There are {rows.Count} rows.");
        Assert.All(rows, row =>
        {
            var named = row.TrimEnd('|', ' ').Split(" | ")[^1].Split('`').Where((_, i) => i % 2 == 1).Where(IsTest).ToList();
            Assert.True(named.Count > 0, $"No test: {row}");
            Assert.All(named, name => Assert.True(Exists(name), $"There is no test {name}: {row}"));
        });

        static bool IsTest(string name) =>
            name.EndsWith(".replay", StringComparison.Ordinal) || name.Count(c => c == '_') >= 2;

        bool Exists(string name) => name.EndsWith(".replay", StringComparison.Ordinal)
            ? sources[".replay"].Any(file => Path.GetFileName(file) == name)
            : code.Contains($" {name}(", StringComparison.Ordinal);
    }

    private static IEnumerable<string> Rows(string table) => table.Split('\n')
        .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
        .Select(line => line.Split('`')[1]);
}
