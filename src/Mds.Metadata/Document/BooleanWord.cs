namespace Mds.Metadata;

/// <summary>
/// The words for true and false that a metadata server takes in queries and attributes: those of absl's SimpleAtob,
/// <c>on</c> and <c>off</c>, in any case (google-auth-library-java says so of the real server).
/// </summary>
public static class BooleanWord
{
    /// <summary>Reads a word.</summary>
    /// <returns><see langword="null"/> when it is no such word.</returns>
    public static bool? Parse(ReadOnlySpan<char> word) =>
        IsOneOf(word, "true", "t", "yes", "y", "1", "on") ? true
        : IsOneOf(word, "false", "f", "no", "n", "0", "off") ? false
        : null;

    private static bool IsOneOf(ReadOnlySpan<char> word, params ReadOnlySpan<string> words)
    {
        foreach (var candidate in words)
        {
            if (word.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
