using System.Buffers.Binary;

namespace Mds.Tpm;

/// <summary>
/// Writes numbers and structures as the TPM reads them: big-endian, without padding (Part 2, 4). Passwords are proven, so
/// that none is ever written.
/// </summary>
internal sealed class TpmWriter
{
    private readonly byte[] _buffer = new byte[TpmFrame.MaximumLength];
    private int _length;

    /// <summary>What has been written.</summary>
    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    public TpmWriter Byte(byte value)
    {
        _buffer[_length++] = value;
        return this;
    }

    public TpmWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(ushort);
        return this;
    }

    public TpmWriter UInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(uint);
        return this;
    }

    public TpmWriter Bytes(ReadOnlySpan<byte> value)
    {
        value.CopyTo(_buffer.AsSpan(_length));
        _length += value.Length;
        return this;
    }

    /// <summary>A TPM2B: the length, then the bytes (Part 2, 10.4).</summary>
    public TpmWriter Sized(ReadOnlySpan<byte> value) => UInt16((ushort)value.Length).Bytes(value);

    /// <summary>A selection of SHA-256 PCRs (Part 2, 10.6.2 TPMS_PCR_SELECTION and 10.9.7 TPML_PCR_SELECTION).</summary>
    public TpmWriter PcrSelection(IReadOnlyCollection<int> pcrs)
    {
        Span<byte> bits = stackalloc byte[3];
        foreach (var pcr in pcrs)
        {
            bits[pcr / 8] |= (byte)(1 << (pcr % 8));
        }

        return UInt32(1).UInt16(TpmAlg.Sha256).Byte((byte)bits.Length).Bytes(bits);
    }

    /// <summary>Overwrites a number written before: the length of a whole is known at its end.</summary>
    public void Patch(int offset, uint value) => BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(offset), value);
}
