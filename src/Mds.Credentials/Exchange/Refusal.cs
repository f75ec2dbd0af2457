namespace Mds.Credentials;

/// <summary>What an issuer said when it refused, in either of Google's two forms.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Code">The OAuth error code (<c>invalid_grant</c>) or the API's status (<c>PERMISSION_DENIED</c>).</param>
/// <param name="Description">Its words, cleaned; empty when there are none.</param>
internal sealed record Refusal(int Status, string Code, string Description)
{
    /// <summary>Whether the words hold a word, in any case.</summary>
    /// <param name="word">The word.</param>
    public bool Says(string word) => Description.Contains(word, StringComparison.OrdinalIgnoreCase);
}
