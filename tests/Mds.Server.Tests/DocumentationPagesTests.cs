using System.Text.RegularExpressions;
using Mds.Server.CommandLine;

namespace Mds.Server.Tests;

/// <summary>What the pages say about themselves and about the repository is so: links, commands, switches, paths.</summary>
public sealed partial class DocumentationPagesTests
{
    private const string BuiltServer = "out/mds-server/mds-server";

    private static readonly HashSet<string> Targets =
        [.. Target().Matches(Repository.Read("Makefile")).Select(match => match.Groups[1].Value)];

    private static readonly List<string> AllPages =
    [
        "README.md",
        .. Directory.GetFiles(Repository.PathOf("docs"), "*.md", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Repository.Root, file)).Order(StringComparer.Ordinal),
    ];

    public static TheoryData<string> Pages => [.. AllPages];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_OfAPage_LeadToFilesAndHeadings(string page)
    {
        Assert.All(Links(page), link => Assert.True(
            File.Exists(Repository.PathOf(link.File)) || Directory.Exists(Repository.PathOf(link.File)), $"There is no {link.File}."));
        Assert.All(
            Links(page).Where(link => link.Heading.Length > 0),
            link => Assert.Contains(link.Heading, Headings(Repository.Read(link.File))));
    }

    [Fact]
    public void Pages_OfDocs_AreAllLinkedFromTheReadmeOrTheCredentialsPage()
    {
        var linked = Links("README.md").Concat(Links("docs/credentials.md")).Select(link => link.File);

        Assert.Empty(AllPages.Except(["README.md"]).Except(linked));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfMake_AreTargets(string page)
    {
        var text = Repository.Read(page);
        var named = Code(text).Concat(InlineCode(text)).SelectMany(code => Make().Matches(code)).Select(match => match.Groups[1].Value);

        Assert.Empty(named.Except(Targets));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfTheServer_HaveSwitchesThatExist(string page)
    {
        var text = Repository.Read(page);
        // What is in quotation marks is a value, if not a command of another program.
        var commands = Code(text).Where(line => line.Contains("mds-server ", StringComparison.Ordinal))
            .Select(line => line[line.LastIndexOf("mds-server ", StringComparison.Ordinal)..].Split('"')[0]);
        var named = commands.Concat(InlineCode(text).Where(code => LoneSwitch().IsMatch(code)))
            .SelectMany(command => GivenSwitch().Matches(command)).Select(match => match.Groups[1].Value);

        Assert.All(named, name => Assert.True(Switches.Find(name) is not null, $"{page}: there is no switch -{name}."));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Commands_OfTheServer_ComeAfterItIsBuilt(string page)
    {
        var commands = Code(Repository.Read(page)).ToList();
        var first = commands.FindIndex(line => line.Contains(BuiltServer + " ", StringComparison.Ordinal));

        Assert.True(
            first < 0 || commands[..first].Any(line => line.StartsWith("make build", StringComparison.Ordinal)),
            $"{page}: the first command with {BuiltServer} comes before `make build`.");
        Assert.DoesNotContain(commands, line => line.StartsWith("mds-server ", StringComparison.Ordinal) && !line.Contains('→', StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Paths_OfTheRepository_Exist(string page)
    {
        var named = InlineCode(Repository.Read(page)).SelectMany(code => SourcePath().Matches(code)).Select(match => match.Groups[1].Value);

        Assert.All(named, path => Assert.True(Path.Exists(Repository.PathOf(path)), $"{page}: there is no {path}."));
    }

    private static List<(string File, string Heading)> Links(string page)
    {
        var folder = Path.GetDirectoryName(page)!;
        return [.. Link().Matches(Repository.Read(page)).Select(match => match.Groups[1].Value)
            .Where(target => !target.Contains("://", StringComparison.Ordinal))
            .Select(target => target.Split('#', 2))
            .Select(parts => (
                parts[0].Length == 0 ? page : Path.GetRelativePath(Repository.Root, Path.GetFullPath(parts[0], Repository.PathOf(folder))),
                parts.ElementAtOrDefault(1) ?? ""))];
    }

    // As GitHub makes an anchor of a heading: no punctuation, small letters, dashes for spaces.
    private static IEnumerable<string> Headings(string text) => text.Split('\n')
        .Where(line => line.StartsWith('#'))
        .Select(line => Punctuation().Replace(line.TrimStart('#').Trim(), "").ToLowerInvariant().Replace(' ', '-'));

    /// <summary>The lines of a page's code, fenced or indented, without their indentation.</summary>
    private static IEnumerable<string> Code(string text)
    {
        var isFenced = false;
        foreach (var line in text.Split('\n'))
        {
            if (line.TrimStart().StartsWith("```", StringComparison.Ordinal))
            {
                isFenced = !isFenced;
            }
            else if (isFenced || line.StartsWith("    ", StringComparison.Ordinal))
            {
                yield return line.Trim();
            }
        }
    }

    private static IEnumerable<string> InlineCode(string text) => Inline().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex(@"^([a-z0-9-]+):", RegexOptions.Multiline)]
    private static partial Regex Target();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex Punctuation();

    [GeneratedRegex(@"`([^`\n]+)`")]
    private static partial Regex Inline();

    [GeneratedRegex(@"(?:^|[&;] )make ([a-z][a-z0-9-]*)")]
    private static partial Regex Make();

    [GeneratedRegex("^-[A-Za-z]")]
    private static partial Regex LoneSwitch();

    [GeneratedRegex(@"(?:^|\s)-([A-Za-z][\w-]*)")]
    private static partial Regex GivenSwitch();

    [GeneratedRegex(@"(?:^|\s)((?:src|tests|docs|deploy|charts|bench|crds)/[\w./-]*\w)")]
    private static partial Regex SourcePath();
}
