using System.Buffers.Binary;

namespace Mds.Tpm;

/// <summary>The frame of commands and responses: a tag, the length of all, and a code (Part 1, 18.1 and 18.9).</summary>
internal static class TpmFrame
{
    /// <summary>Tag, length and code.</summary>
    public const int HeaderLength = 10;

    /// <summary>No command or response is longer: TPM_PT_MAX_COMMAND_SIZE and TPM_PT_MAX_RESPONSE_SIZE are 4096 on every TPM so far.</summary>
    public const int MaximumLength = 4096;

    private const ushort Tpm12Response = 0x00C4; // TPM_TAG_RSP_COMMAND of TPM 1.2, which TPM 2.0 keeps for TPM_RC_BAD_TAG

    /// <summary>The length that a response's header says it has.</summary>
    /// <param name="header">The header.</param>
    /// <param name="address">Where it came from.</param>
    /// <exception cref="TpmException">It is the header of no TPM 2.0.</exception>
    public static int LengthOf(ReadOnlySpan<byte> header, string address)
    {
        var tag = BinaryPrimitives.ReadUInt16BigEndian(header);
        if (tag == Tpm12Response)
        {
            throw new TpmException(
                TpmFault.NotTpm2, $"{address} is a TPM 1.2. MDS needs a TPM 2.0; many machines can be switched to it in their firmware.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(header[2..]);
        return tag is TpmSt.NoSessions or TpmSt.Sessions && length is >= HeaderLength and <= MaximumLength
            ? (int)length
            : throw NotTpm(address);
    }

    /// <summary>Checks that a response is whole, and takes it out of the buffer.</summary>
    /// <param name="response">What was received.</param>
    /// <param name="address">Where it came from.</param>
    /// <exception cref="TpmException">It is no response of a TPM 2.0.</exception>
    public static byte[] Complete(ReadOnlySpan<byte> response, string address) =>
        response.Length >= HeaderLength && LengthOf(response, address) == response.Length
            ? response.ToArray()
            : throw NotTpm(address);

    private static TpmException NotTpm(string address) => new(
        TpmFault.NotTpm2,
        $"What is at {address} does not answer as a TPM 2.0 does. Give the TPM's own device or port, not another service's or swtpm's control port.");
}
