using System.Collections.Immutable;

namespace Mds.Metadata;

/// <summary>A claims document cannot be used. It names every error, not only the first.</summary>
public sealed class ClaimsException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="source">Where the document came from: a file name or a Kubernetes object.</param>
    /// <param name="errors">What is wrong, in the order of the document; at least one.</param>
    public ClaimsException(string source, IEnumerable<ClaimsError> errors)
        : this(source, [.. errors])
    {
    }

    private ClaimsException(string source, ImmutableArray<ClaimsError> errors)
        : base($"{source}: {string.Join(" | ", errors)}")
    {
        DocumentSource = source;
        Errors = errors;
    }

    /// <summary>Where the document came from.</summary>
    public string DocumentSource { get; }

    /// <summary>What is wrong, in the order of the document.</summary>
    public IReadOnlyList<ClaimsError> Errors { get; }
}
