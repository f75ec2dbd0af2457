namespace Mds.Metadata;

/// <summary>A service account of the tree, as one of its directories names it.</summary>
/// <param name="Names">
/// The names a credential may have been configured under, best first: the directory's own, then the other of
/// <c>default</c> and the e-mail. Empty where no account is attached.
/// </param>
/// <param name="Scopes">The scopes that a token has when a request names none.</param>
/// <param name="ScopeRule">What the scopes that a request names count for.</param>
public sealed record MetadataAccount(IReadOnlyList<string> Names, IReadOnlyList<string> Scopes, ScopeRule ScopeRule)
{
    /// <summary>What answers for <c>default</c> on a machine without a service account.</summary>
    public static MetadataAccount None { get; } = new([], [], ScopeRule.Any);
}
