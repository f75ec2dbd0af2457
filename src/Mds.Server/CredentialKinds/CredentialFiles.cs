using System.Text;
using Mds.Credentials;
using Mds.Server.Reload;

namespace Mds.Server.CredentialKinds;

/// <summary>The contents of a credential's files, all read at one moment.</summary>
/// <param name="contents">The contents by path.</param>
internal sealed class CredentialFiles(IReadOnlyDictionary<string, FileContent> contents)
{
    /// <summary>No files.</summary>
    public static CredentialFiles None { get; } = new(new Dictionary<string, FileContent>());

    /// <summary>The bytes of a file.</summary>
    /// <param name="path">One of the credential's files.</param>
    /// <exception cref="TokenSourceException">It could not be read; the message says why.</exception>
    public ReadOnlyMemory<byte> Bytes(string path) =>
        contents[path] is { Bytes: { } bytes } ? bytes : throw new TokenSourceException(TokenSourceFault.Unusable, contents[path].Problem!);

    /// <summary>The text of a file, without the line break that editors and shells put at its end.</summary>
    /// <param name="path">One of the credential's files.</param>
    /// <exception cref="TokenSourceException">It could not be read; the message says why.</exception>
    public string Text(string path) => Encoding.UTF8.GetString(Bytes(path).Span).TrimEnd('\r', '\n');

    /// <summary>Reads files again. What comes from a pipe is there only once and stays.</summary>
    /// <param name="paths">The files of the credential as they are now.</param>
    public CredentialFiles Again(IEnumerable<string> paths) => new(paths.Distinct(StringComparer.Ordinal).ToDictionary(
        path => path, path => Find(path) is { CanChange: false } once ? once : FileContent.Read(path), StringComparer.Ordinal));

    /// <summary>
    /// Clears what was read, once the credential has been made of it; whether another content is the same can still be
    /// told. What comes from a pipe stays.
    /// </summary>
    public void Clear()
    {
        foreach (var content in contents.Values.Where(content => content.CanChange))
        {
            content.Clear();
        }
    }

    /// <summary>Reads files.</summary>
    /// <param name="paths">Where they are.</param>
    public static CredentialFiles Read(IEnumerable<string> paths) =>
        new(paths.Distinct(StringComparer.Ordinal).ToDictionary(path => path, FileContent.Read, StringComparer.Ordinal));

    /// <summary>What a file held; <see langword="null"/> when it is not one of the credential's.</summary>
    /// <param name="path">A file.</param>
    public FileContent? Find(string path) => contents.GetValueOrDefault(path);

    /// <summary>Whether both are the same to somebody who read them.</summary>
    /// <param name="other">The files at another moment.</param>
    public bool AreSameAs(CredentialFiles other) =>
        Count == other.Count && contents.All(file => file.Value.IsSameAs(other.Find(file.Key)));

    private int Count => contents.Count;
}
