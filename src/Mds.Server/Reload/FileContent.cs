using System.Security.Cryptography;

namespace Mds.Server.Reload;

/// <summary>What a file held when it was looked at.</summary>
/// <param name="Bytes">Its bytes; <see langword="null"/> when it could not be read.</param>
/// <param name="Problem">Why it could not be read, as a sentence; <see langword="null"/> when it could.</param>
/// <param name="CanChange">Whether reading it again makes sense: it does not for a pipe.</param>
internal sealed record FileContent(byte[]? Bytes, string? Problem, bool CanChange)
{
    /// <summary>The SHA-256 of the bytes in lower-case hexadecimal; <see langword="null"/> without bytes.</summary>
    public string? Hash { get; } = Bytes is null ? null : Convert.ToHexStringLower(SHA256.HashData(Bytes));

    /// <summary>Whether both are the same to somebody who read them.</summary>
    /// <param name="other">The other content.</param>
    public bool IsSameAs(FileContent? other) => other is not null && Hash == other.Hash && Problem == other.Problem;

    /// <summary>Reads a file. A file that is not there or may not be read is an answer and not an exception.</summary>
    /// <param name="path">Where it is.</param>
    public static FileContent Read(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            return new FileContent(copy.ToArray(), null, stream.CanSeek);
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
}
