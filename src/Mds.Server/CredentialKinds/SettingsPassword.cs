using System.Security.Cryptography;
using System.Text;

namespace Mds.Server.CredentialKinds;

/// <summary>A password that the settings give, or name the file of. It is never printed.</summary>
internal sealed record SettingsPassword
{
    private readonly string? _text;

    private SettingsPassword(string? text, string? file) => (_text, File) = (text, file);

    /// <summary>There is none.</summary>
    public static SettingsPassword None { get; } = new(null, null);

    /// <summary>The file that holds it; <see langword="null"/> when none does.</summary>
    public string? File { get; }

    /// <summary>Reads <c>NAME</c> or <c>NAMEFile</c>.</summary>
    /// <param name="section">Where they are.</param>
    /// <param name="name">The key of the password itself.</param>
    public static SettingsPassword Of(CredentialSection section, string name)
    {
        var (text, file) = (section.Text(name), section.Text(name + "File"));
        if (text is not null && file is not null)
        {
            section.Error($"{section.Origin} gives {name} and {name}File. Give one of them; a file is better.");
        }

        return new(text, file);
    }

    /// <summary>The password as bytes of the caller's own, to be cleared by the caller.</summary>
    /// <param name="files">The files' contents.</param>
    public byte[] Read(CredentialFiles files)
    {
        if (File is null)
        {
            return Encoding.UTF8.GetBytes(_text ?? "");
        }

        // Without the line break that editors and shells put at the end.
        return files.Bytes(File).Span.TrimEnd("\r\n"u8).ToArray();
    }

    /// <summary>Clears what was read of the file, once every password is read: two may be in one file.</summary>
    /// <param name="files">The files' contents.</param>
    public void Clear(CredentialFiles files)
    {
        // What came from a pipe is there only once.
        if (File is not null && files.Content(File) is { CanChange: true, Bytes: { } bytes })
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>Says where it is from, and nothing of it.</summary>
    public override string ToString() => File ?? (_text is null ? "none" : "given");
}
