using System.Diagnostics.CodeAnalysis;

namespace Mds.Server.Reload;

/// <summary>Who takes new contents of a source. That one of them cannot be taken in does not keep the next from coming.</summary>
/// <param name="source">What the contents are of, for the log.</param>
/// <param name="take">Takes a content.</param>
/// <param name="logger">Takes what goes wrong.</param>
internal sealed partial class ContentHandler(string source, Action<FileContent> take, ILogger logger)
{
    /// <summary>Hands a new content over.</summary>
    /// <param name="content">The content.</param>
    [SuppressMessage("Design", "CA1031", Justification = "A fault in one change must not end the watch for the next.")]
    public void Tell(FileContent content)
    {
        try
        {
            take(content);
        }
        catch (Exception exception)
        {
            Log.Failed(logger, source, exception);
        }
    }
}
