using Mds.Server.Reload;

namespace Mds.Server.Admin;

/// <summary>
/// Whether requests for metadata should come here. Credentials have no say in it: a server without tokens answers 503,
/// which clients understand, and one that is not ready refuses connections, which they do not.
/// </summary>
/// <param name="state">What is served.</param>
internal sealed class Readiness(LiveState state)
{
    private volatile bool _stopping;

    /// <summary>Why requests should not come here, as a sentence; <see langword="null"/> when they may.</summary>
    public string? Obstacle =>
        _stopping ? "The server is about to stop."
        : state.HasClaims ? null
        : "No claims document could be loaded yet; /status says why.";

    /// <summary>Sends requests elsewhere from now on.</summary>
    public void Stop() => _stopping = true;
}
