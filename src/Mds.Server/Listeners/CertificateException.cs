namespace Mds.Server.Listeners;

/// <summary>A listener's certificate, key or authorities cannot be used. The message is a sentence that names the file.</summary>
internal sealed class CertificateException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was wrong and what to do; nothing of a key.</param>
    /// <param name="innerException">What the library said, if anything.</param>
    public CertificateException(string message, Exception? innerException = null) : base(message, innerException)
    {
    }
}
