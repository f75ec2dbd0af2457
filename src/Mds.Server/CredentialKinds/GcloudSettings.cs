using System.Text;
using Mds.Credentials;

namespace Mds.Server.CredentialKinds;

/// <summary>Whoever is logged in to gcloud on this machine.</summary>
/// <param name="Account">The account.</param>
/// <param name="Configuration">The configuration of gcloud; <see langword="null"/> for the active one.</param>
/// <param name="Folder">The folder that gcloud keeps its configurations in.</param>
internal sealed record GcloudSettings(string Account, string? Configuration, string Folder) : CredentialSettings(Account)
{
    private const string DefaultConfiguration = "default";
    private const string ActiveName = "active_config";

    /// <summary>The kind.</summary>
    public static CredentialKind Described { get; } = new("gcloud", [new("configuration", "gcloud")], Read) { Switch = "gcloud" };

    /// <inheritdoc/>
    public override string Kind => Described.Name;

    /// <summary>The file that names the active configuration, and every configuration that there is at the moment.</summary>
    public override IReadOnlyList<string> Files =>
    [
        Path.Combine(Folder, ActiveName),
        .. ConfigurationFiles(Path.Combine(Folder, "configurations")).Append(FileOf(Configuration ?? DefaultConfiguration)).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>The program.</summary>
    public string Program { get; init; } = "gcloud";

    /// <inheritdoc/>
    public override LoadedCredential Load(CredentialFiles files, CredentialSurroundings surroundings)
    {
        var source = new GcloudSource(Configured(files, surroundings.Variables), Path.GetFullPath(Folder), surroundings.Time, Program);
        return new LoadedCredential { Source = _ => source, Description = source.Describe() };
    }

    /// <summary>The configuration as it is now.</summary>
    /// <param name="files">Files that were read already; others are read now.</param>
    /// <param name="variables">The variables of the process.</param>
    /// <exception cref="TokenSourceException">It has no account.</exception>
    public GcloudConfiguration Configured(CredentialFiles files, IReadOnlyDictionary<string, string> variables)
    {
        var name = Configuration
            ?? (variables.GetValueOrDefault("CLOUDSDK_ACTIVE_CONFIG_NAME") is { Length: > 0 } variable ? variable
                : TextOf(files, Path.Combine(Folder, ActiveName)).Trim() is { Length: > 0 } active ? active
                : DefaultConfiguration);
        return GcloudConfiguration.Read(name, TextOf(files, FileOf(name)), variables);
    }

    /// <inheritdoc/>
    public bool Equals(GcloudSettings? other) =>
        other is not null && Account == other.Account && Configuration == other.Configuration && Folder == other.Folder
        && Program == other.Program;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Account, Configuration, Folder, Program);

    private string FileOf(string configuration) => Path.Combine(Folder, "configurations", "config_" + configuration);

    private static string[] ConfigurationFiles(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "config_*").Order(StringComparer.Ordinal)] : [];

    // A file that is not there is an empty configuration, as it is for gcloud; one made later is read as it is then.
    private static string TextOf(CredentialFiles files, string path) =>
        (files.Find(path) ?? Reload.FileContent.Read(path)).Bytes is { } bytes ? Encoding.UTF8.GetString(bytes) : "";

    private static GcloudSettings? Read(CredentialSection section)
    {
        if (ApplicationDefaultFile.GcloudFolder(section.Variables) is not { } folder)
        {
            section.Error($"{section.Origin}: the configurations of gcloud are not found, because HOME is not set. Set CLOUDSDK_CONFIG.");
            return null;
        }

        var name = section.Text("configuration");
        return new(section.Account, bool.TryParse(name, out _) ? null : name, folder);
    }
}
