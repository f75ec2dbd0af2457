using System.Buffers.Binary;

namespace Mds.Tpm;

/// <summary>Reads what a TPM wrote: big-endian, without padding (Part 2, 4). Text that ends too early is an error, never a guess.</summary>
internal ref struct TpmReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => _rest;

    public byte Byte() => Bytes(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16BigEndian(Bytes(sizeof(ushort)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32BigEndian(Bytes(sizeof(uint)));

    /// <summary>A TPM2B: the length, then the bytes (Part 2, 10.4).</summary>
    public ReadOnlySpan<byte> Sized() => Bytes(UInt16());

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count > _rest.Length)
        {
            throw new TpmFormatException();
        }

        var bytes = _rest[..count];
        _rest = _rest[count..];
        return bytes;
    }
}
