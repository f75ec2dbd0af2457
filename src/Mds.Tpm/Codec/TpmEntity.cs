using System.Buffers.Binary;

namespace Mds.Tpm;

/// <summary>Something that a command is about: its handle, and the name that authorisations are made over (Part 1, 16).</summary>
/// <param name="Handle">The handle.</param>
/// <param name="Name">The name.</param>
internal sealed record TpmEntity(uint Handle, byte[] Name)
{
    /// <summary>A hierarchy or a session, whose name is its handle.</summary>
    /// <param name="handle">The handle.</param>
    public static TpmEntity Permanent(uint handle)
    {
        var name = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(name, handle);
        return new TpmEntity(handle, name);
    }
}
