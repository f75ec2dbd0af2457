namespace Mds.Metadata;

/// <summary>The name of a guest attribute: always a key in a namespace (docs: guest attributes).</summary>
/// <param name="Namespace">The namespace.</param>
/// <param name="Key">The key in it.</param>
public readonly record struct GuestAttributeName(string Namespace, string Key)
{
    /// <summary>The template of a guest attribute's path.</summary>
    public const string Template = Directory + "/{key}/{key}";

    /// <summary>The path of the directory that holds the namespaces.</summary>
    internal const string Directory = "/computeMetadata/v1/instance/guest-attributes";

    /// <summary>Whether a path, decoded, is the directory of guest attributes or below it.</summary>
    public static bool Covers(string path)
    {
        var collapsed = Collapse(path);
        return collapsed.StartsWith(Directory, StringComparison.Ordinal)
            && (collapsed.Length == Directory.Length || collapsed[Directory.Length] == '/');
    }

    /// <summary>The name that a path, decoded, stands for; <see langword="null"/> when it has not exactly two levels.</summary>
    public static GuestAttributeName? Of(string path)
    {
        var levels = Collapse(path)[Directory.Length..].Split('/');
        return levels is ["", { Length: > 0 } name, { Length: > 0 } key] && !path.Any(char.IsControl)
            ? new GuestAttributeName(name, key)
            : null;
    }

    // Several slashes count as one, as they do when the tree is read.
    private static string Collapse(string path)
    {
        while (path.Contains("//", StringComparison.Ordinal))
        {
            path = path.Replace("//", "/", StringComparison.Ordinal);
        }

        return path;
    }
}
