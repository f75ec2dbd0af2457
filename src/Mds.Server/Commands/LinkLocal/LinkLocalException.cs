namespace Mds.Server.Commands;

/// <summary>The link-local address cannot be set up or taken away. The message is a sentence that says what to do.</summary>
internal sealed class LinkLocalException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">What the system said.</param>
    public LinkLocalException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
