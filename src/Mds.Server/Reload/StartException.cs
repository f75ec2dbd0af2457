namespace Mds.Server.Reload;

/// <summary>The server cannot start with the files it was given. Each error is a sentence.</summary>
internal sealed class StartException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="errors">Everything that is wrong.</param>
    public StartException(IReadOnlyList<string> errors) : base(string.Join(Environment.NewLine, errors)) => Errors = errors;

    /// <summary>Everything that is wrong.</summary>
    public IReadOnlyList<string> Errors { get; }
}
