namespace Mds.Server.Listeners;

/// <summary>A listener cannot be opened. The message is a sentence that names the switch.</summary>
internal sealed class ListenException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do.</param>
    /// <param name="innerException">What the operating system said, if anything.</param>
    public ListenException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
