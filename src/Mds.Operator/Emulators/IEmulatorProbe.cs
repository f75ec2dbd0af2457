namespace Mds.Operator.Emulators;

/// <summary>Asks a server pod how it is.</summary>
internal interface IEmulatorProbe
{
    /// <summary>Asks.</summary>
    /// <param name="address">The pod's <c>/status</c>.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    /// <returns>The report, or why there is none.</returns>
    Task<(ServerReport? Report, string? Failure)> AskAsync(Uri address, CancellationToken cancellationToken);
}
