using Mds.Metadata;

namespace Mds.Server.Reload;

/// <summary>
/// The claims before anything is laid over them: a file's or the sample's, another metadata server's, or a file's laid over
/// another server's. What could last be used of each stays in use while what is there now cannot be.
/// </summary>
/// <param name="file">The file, or what the sample is called; <see langword="null"/> when there is neither.</param>
/// <param name="upstream">The other server's address; <see langword="null"/> when there is none.</param>
internal sealed class BaseClaims(string? file, string? upstream)
{
    private readonly string _upstreamName = $"the metadata server at {upstream}";
    private FileContent? _file;
    private FileContent? _upstream;
    private string? _fileError;
    private string? _upstreamError;

    /// <summary>The claims in use; <see langword="null"/> as long as there were none that could be used.</summary>
    public Claims? Current { get; private set; }

    /// <summary>What they are called.</summary>
    public string Source { get; } = (file, upstream) switch
    {
        (null, _) => $"the metadata server at {upstream}",
        (_, null) => file,
        _ => $"{file} over the metadata server at {upstream}",
    };

    /// <summary>How they stand.</summary>
    public ClaimsStatus Status => new(
        _fileError is null && _upstreamError is null && Current is not null,
        Source,
        Current is null ? null : (_file ?? _upstream)!.Hash,
        _fileError ?? _upstreamError);

    /// <summary>Takes new content of the file.</summary>
    /// <param name="content">The content.</param>
    /// <param name="tryOut">Throws when the claims cannot be served.</param>
    /// <returns>Whether it is in use from now on.</returns>
    public bool TakeFile(FileContent content, Action<Claims> tryOut) =>
        Take(content, content, _upstream, tryOut, ref _fileError);

    /// <summary>Takes new content of the other server.</summary>
    /// <param name="content">The content.</param>
    /// <param name="tryOut">Throws when the claims cannot be served.</param>
    /// <returns>Whether it is in use from now on.</returns>
    public bool TakeUpstream(FileContent content, Action<Claims> tryOut) =>
        Take(content, _file, content, tryOut, ref _upstreamError);

    private bool Take(
        FileContent content, FileContent? fileContent, FileContent? upstreamContent, Action<Claims> tryOut, ref string? error)
    {
        try
        {
            if (content.Problem is { } problem)
            {
                error = problem;
                return false;
            }

            var claims = Combine(fileContent, upstreamContent);
            if (claims is not null)
            {
                tryOut(claims);
            }

            (_file, _upstream, Current, error) = (fileContent, upstreamContent, claims, null);
            return claims is not null;
        }
        catch (ClaimsException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    // Nothing as long as one of the two that are wanted was never there.
    private Claims? Combine(FileContent? fileContent, FileContent? upstreamContent)
    {
        if ((file is not null && fileContent is null) || (upstream is not null && upstreamContent is null))
        {
            return null;
        }

        return (fileContent, upstreamContent) switch
        {
            ({ } document, null) => Claims.Parse(document.Bytes!, file!),
            (null, { } document) => Claims.Parse(document.Bytes!, _upstreamName),
            ({ } patch, { } document) => ClaimsPatch.Parse(patch.Bytes!, file!).Apply(Claims.Parse(document.Bytes!, _upstreamName)),
            _ => null,
        };
    }
}
