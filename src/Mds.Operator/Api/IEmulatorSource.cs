namespace Mds.Operator.Api;

/// <summary>The emulators of the cluster, as the operator's own copy of them has it.</summary>
internal interface IEmulatorSource
{
    /// <summary>Whether the copy has been filled; before that, nothing found means nothing.</summary>
    bool Synced { get; }

    /// <summary>One emulator, or null.</summary>
    /// <param name="namespace">Its namespace.</param>
    /// <param name="name">Its name.</param>
    Emulator? Find(string @namespace, string name);

    /// <summary>All emulators of a namespace, by name.</summary>
    /// <param name="namespace">The namespace.</param>
    IReadOnlyList<Emulator> InNamespace(string @namespace);

    /// <summary>All emulators of a namespace, by name, asked of the API server: for what the copy may not have yet.</summary>
    /// <param name="namespace">The namespace.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    Task<IReadOnlyList<Emulator>> ReadAsync(string @namespace, CancellationToken cancellationToken);
}
