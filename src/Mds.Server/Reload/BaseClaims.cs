using Mds.Metadata;

namespace Mds.Server.Reload;

/// <summary>
/// The claims before anything is laid over them: a file's or the sample's, those of another metadata server or of
/// gcloud's project, or a file's laid over such ones. What could last be used of each stays in use while what is there now cannot be.
/// </summary>
/// <param name="file">The file, or what the sample is called; <see langword="null"/> when there is neither.</param>
/// <param name="lower">What is below the file, in words; <see langword="null"/> when nothing is.</param>
internal sealed class BaseClaims(string? file, string? lower)
{
    private FileContent? _file;
    private FileContent? _lower;
    private string? _fileError;
    private string? _lowerError;

    /// <summary>The claims in use; <see langword="null"/> as long as there were none that could be used.</summary>
    public Claims? Current { get; private set; }

    /// <summary>What they are called.</summary>
    public string Source { get; } = (file, lower) switch
    {
        (null, _) => lower!,
        (_, null) => file,
        _ => $"{file} over {lower}",
    };

    /// <summary>How they stand.</summary>
    public ClaimsStatus Status => new(
        _fileError is null && _lowerError is null && Current is not null,
        Source,
        Current is null ? null : (_file ?? _lower)!.Hash,
        _fileError ?? _lowerError);

    /// <summary>Takes new content of the file.</summary>
    /// <param name="content">The content.</param>
    /// <param name="serve">Serves the claims; throws, and changes nothing, when they cannot be served.</param>
    /// <returns>Whether it is in use from now on.</returns>
    public bool TakeFile(FileContent content, Action<Claims> serve) =>
        Take(content, content, _lower, serve, ref _fileError);

    /// <summary>Takes new content of what is below the file.</summary>
    /// <param name="content">The content.</param>
    /// <param name="serve">Serves the claims; throws, and changes nothing, when they cannot be served.</param>
    /// <returns>Whether it is in use from now on.</returns>
    public bool TakeLower(FileContent content, Action<Claims> serve) =>
        Take(content, _file, content, serve, ref _lowerError);

    private bool Take(
        FileContent content, FileContent? fileContent, FileContent? lowerContent, Action<Claims> serve, ref string? error)
    {
        try
        {
            if (content.Problem is { } problem)
            {
                error = problem;
                return false;
            }

            var claims = Combine(fileContent, lowerContent);
            if (claims is not null)
            {
                serve(claims);
            }

            (_file, _lower, Current, error) = (fileContent, lowerContent, claims, null);
            return claims is not null;
        }
        catch (ClaimsException exception)
        {
            error = exception.Message;
            return false;
        }
    }

    // Nothing as long as one of the two that are wanted was never there.
    private Claims? Combine(FileContent? fileContent, FileContent? lowerContent)
    {
        if ((file is not null && fileContent is null) || (lower is not null && lowerContent is null))
        {
            return null;
        }

        return (fileContent, lowerContent) switch
        {
            ({ } document, null) => Claims.Parse(document.Bytes!, file!),
            (null, { } document) => Claims.Parse(document.Bytes!, lower!),
            ({ } patch, { } document) => ClaimsPatch.Parse(patch.Bytes!, file!).Apply(Claims.Parse(document.Bytes!, lower!)),
            _ => null,
        };
    }
}
