namespace Mds.Kubernetes;

/// <summary>How to reach a cluster could not be learnt; the message is a sentence that names the file and the place in it.</summary>
public sealed class KubeConfigException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">A sentence that names the file, the place in it, and what is wrong there.</param>
    /// <param name="innerException">What revealed it.</param>
    public KubeConfigException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
