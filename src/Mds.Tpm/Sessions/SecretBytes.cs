using System.Security.Cryptography;

namespace Mds.Tpm;

/// <summary>
/// Bytes that are cleared when they are done with. They are pinned, so that the garbage collector leaves no copies of them
/// about.
/// </summary>
internal sealed class SecretBytes : IDisposable
{
    private readonly byte[] _bytes;

    private SecretBytes(int length) => _bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);

    /// <summary>No bytes.</summary>
    public static SecretBytes None { get; } = new(0);

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bytes.Length == 0;

    /// <summary>Copies two secrets into one.</summary>
    public static SecretBytes Concat(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var secret = new SecretBytes(first.Length + second.Length);
        first.CopyTo(secret._bytes);
        second.CopyTo(secret._bytes.AsSpan(first.Length));
        return secret;
    }

    /// <summary>Copies a password as the TPM keeps one: without zero bytes at its end (Part 1, 19.6.4.3).</summary>
    public static SecretBytes Password(ReadOnlySpan<byte> password) => Concat(password.TrimEnd((byte)0), []);

    /// <summary>Clears them.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_bytes);
}
