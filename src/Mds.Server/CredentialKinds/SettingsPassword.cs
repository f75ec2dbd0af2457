using System.Text;
using Mds.Credentials;

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

    /// <summary>The password where it was read from a file, no copy; a text is one already.</summary>
    /// <param name="files">The files' contents.</param>
    /// <exception cref="TokenSourceException">The file cannot be read, or is empty, as one is that is being written.</exception>
    public ReadOnlyMemory<byte> Read(CredentialFiles files)
    {
        if (File is null)
        {
            return Encoding.UTF8.GetBytes(_text ?? "");
        }

        // Without the line break that editors and shells put at the end.
        var bytes = files.Bytes(File);
        return bytes.Span.TrimEnd("\r\n"u8).Length is > 0 and var length
            ? bytes[..length]
            : throw new TokenSourceException(TokenSourceFault.Unusable, $"The file {File} is empty; a password was expected.");
    }

    /// <summary>Says where it is from, and nothing of it.</summary>
    public override string ToString() => File ?? (_text is null ? "none" : "given");
}
