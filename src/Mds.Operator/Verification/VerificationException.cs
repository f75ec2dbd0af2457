namespace Mds.Operator.Verification;

/// <summary>The webhook does not do what it is there for; the message is a sentence that says how.</summary>
internal sealed class VerificationException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What is wrong, and what to do.</param>
    /// <param name="innerException">What it was found by.</param>
    public VerificationException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
