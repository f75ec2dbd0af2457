using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>A TPM did not do what was asked. The message is a sentence for people and never holds a secret.</summary>
public sealed class TpmException : CryptographicException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fault">What kind of trouble it is.</param>
    /// <param name="message">A sentence that says what was wrong, where, and what to do.</param>
    /// <param name="innerException">What caused it, if anything did.</param>
    public TpmException(TpmFault fault, string message, Exception? innerException = null)
        : base(message, innerException) => Fault = fault;

    /// <summary>What kind of trouble it is.</summary>
    public TpmFault Fault { get; }
}
