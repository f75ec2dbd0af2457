namespace Mds.Credentials;

/// <summary>A token could not be had. The message is a sentence for people and never holds a secret.</summary>
public sealed class TokenSourceException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What kind of failure it is.</param>
    /// <param name="message">A sentence that says what was wrong, where, and what to do.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public TokenSourceException(TokenSourceFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What kind of failure it is.</summary>
    public TokenSourceFault Fault { get; }
}
