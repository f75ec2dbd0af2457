using System.Security.Cryptography;

namespace Mds.Server.Reload;

/// <summary>
/// What a file held when it was looked at. It may be a password: the bytes are pinned, so that the garbage collector leaves no
/// copies of them about, and are cleared by who is done with them.
/// </summary>
/// <param name="Bytes">Its bytes; <see langword="null"/> when it could not be read.</param>
/// <param name="Problem">Why it could not be read, as a sentence; <see langword="null"/> when it could.</param>
/// <param name="CanChange">Whether reading it again makes sense: it does not for a pipe.</param>
internal sealed record FileContent(byte[]? Bytes, string? Problem, bool CanChange)
{
    // More than any claims, key or password; a path may lead to something that never ends.
    private const int Largest = 64 << 20;

    /// <summary>The SHA-256 of the bytes in lower-case hexadecimal; <see langword="null"/> without bytes.</summary>
    public string? Hash { get; } = Bytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Whether both are the same to somebody who read them.</summary>
    /// <param name="other">The other content.</param>
    public bool IsSameAs(FileContent? other) => other is not null && Hash == other.Hash && Problem == other.Problem;

    /// <summary>The same without the bytes: enough to tell whether another content is the same.</summary>
    public FileContent Fingerprint => this with { Bytes = null };

    /// <summary>Clears the bytes.</summary>
    public void Clear() => CryptographicOperations.ZeroMemory(Bytes);

    /// <summary>Reads a file. A file that is not there or may not be read is an answer and not an exception.</summary>
    /// <param name="path">Where it is.</param>
    public static FileContent Read(string path)
    {
        try
        {
            // Without a buffer of the runtime's, which nobody would clear.
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            return new FileContent(ReadAll(stream), null, stream.CanSeek);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FileContent(null, $"The file {path} does not exist.", true);
        }
        catch (UnauthorizedAccessException)
        {
            return new FileContent(
                null,
                Directory.Exists(path)
                    ? $"{path} is a directory and not a file."
                    : $"The file {path} may not be read by this process. Change its owner or its mode.",
                true);
        }
        catch (IOException exception)
        {
            return new FileContent(null, $"The file {path} cannot be read: {exception.Message}", true);
        }
    }

    private static byte[] ReadAll(FileStream stream)
    {
        const int LikelySize = 4096;
        var buffer = Moved([], 0, LikelySize);
        var length = 0;
        while (stream.Read(buffer.AsSpan(length)) is > 0 and var read)
        {
            length += read;
            if (length > Largest)
            {
                CryptographicOperations.ZeroMemory(buffer);
                throw new IOException($"it is larger than {Largest >> 20} MiB.");
            }

            if (length == buffer.Length)
            {
                buffer = Moved(buffer, length, 2 * length);
            }
        }

        return Moved(buffer, length, length);
    }

    // A copy of another size; what was copied is cleared.
    private static byte[] Moved(byte[] from, int length, int size)
    {
        var to = GC.AllocateUninitializedArray<byte>(size, pinned: true);
        from.AsSpan(0, length).CopyTo(to);
        CryptographicOperations.ZeroMemory(from);
        return to;
    }
}
