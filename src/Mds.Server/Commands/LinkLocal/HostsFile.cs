using System.Net;

namespace Mds.Server.Commands;

/// <summary>The text of <c>/etc/hosts</c>, and the one line of it that is this program's. Taking the line out gives back the text from before, byte for byte.</summary>
internal static class HostsFile
{
    /// <summary>Where it is.</summary>
    public const string Path = "/etc/hosts";

    /// <summary>The name that clients look up.</summary>
    public const string Name = "metadata.google.internal";

    /// <summary>
    /// The line. The name stands twice, since Node's gcp-metadata asks for it with a last dot, which the C library takes
    /// for another name; the comment is what the line is known by.
    /// </summary>
    public const string Line = $"{LoopbackAddress.Address} {Name} {Name}. # added by mds-server link-local";

    /// <summary>Whether the line is there.</summary>
    public static bool HasLine(string text) => text.Split('\n').Contains(Line);

    /// <summary>The line, by its number from 1, that gives the name another address; <see langword="null"/> when none does.</summary>
    public static (int Number, string Address)? Conflict(string text)
    {
        var number = 0;
        foreach (var line in text.Split('\n'))
        {
            number++;
            var words = line.Split('#')[0].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length > 1 && words[0] != LoopbackAddress.Address && IPAddress.TryParse(words[0], out _)
                && words.Skip(1).Any(name => name.TrimEnd('.').Equals(Name, StringComparison.OrdinalIgnoreCase)))
            {
                return (number, words[0]);
            }
        }

        return null;
    }

    /// <summary>The text with the line at its end; a text without a last line end is left without one.</summary>
    public static string Add(string text) =>
        HasLine(text) ? text
        : text.Length == 0 || text.EndsWith('\n') ? $"{text}{Line}\n"
        : $"{text}\n{Line}";

    /// <summary>The text without the line.</summary>
    public static string Remove(string text) =>
        text == Line ? ""
        : text.EndsWith("\n" + Line, StringComparison.Ordinal) ? text[..^(Line.Length + 1)]
        : text.StartsWith(Line + "\n", StringComparison.Ordinal) ? text[(Line.Length + 1)..]
        : text.Replace($"\n{Line}\n", "\n", StringComparison.Ordinal);
}
