namespace Mds.Tpm;

/// <summary>A connection to a TPM: bytes there, bytes back, one command at a time.</summary>
internal interface ITpmTransport : IDisposable
{
    /// <summary>Sends a command and waits for its answer.</summary>
    /// <param name="command">A whole command, header included (Part 1, 18.1).</param>
    /// <returns>A whole response.</returns>
    /// <exception cref="TpmException">The TPM went away, or what answered is no TPM.</exception>
    byte[] Exchange(ReadOnlySpan<byte> command);
}
