namespace Mds.Server.CredentialKinds;

/// <summary>A kind of credential: what it is called, which keys it has, and how they are read.</summary>
/// <param name="Name">The key of the settings, which is the custom resource's word: <c>serviceAccountKey</c>.</param>
/// <param name="Keys">Every key below it.</param>
/// <param name="Read">
/// Makes the settings of what was given; <see langword="null"/> after a sentence about what is wrong.
/// </param>
internal sealed record CredentialKind(
    string Name, IReadOnlyList<CredentialKey> Keys, Func<CredentialSection, CredentialSettings?> Read)
{
    /// <summary>
    /// The switch that makes this the kind of the account <c>default</c>, without a dash; <see langword="null"/> when the
    /// command line has none. A switch that takes a value turns it on by being there.
    /// </summary>
    public string? Switch { get; init; }

    /// <summary>What errors call it: <c>the local issuer</c>.</summary>
    public string Title { get; init; } = Name;
}
