namespace Mds.Server.CredentialKinds;

/// <summary>Where Google's libraries find application default credentials when nobody says where they are.</summary>
internal static class ApplicationDefaultFile
{
    /// <summary>
    /// The file that <c>GOOGLE_APPLICATION_CREDENTIALS</c> names, or else the one that <c>gcloud auth application-default
    /// login</c> writes, where there is one; <see langword="null"/> means the metadata server of the machine.
    /// </summary>
    /// <param name="variables">The variables of the process.</param>
    public static string? Find(IReadOnlyDictionary<string, string> variables)
    {
        if (variables.GetValueOrDefault("GOOGLE_APPLICATION_CREDENTIALS") is { Length: > 0 } named)
        {
            return named;
        }

        return GcloudFolder(variables) is { } folder && Path.Combine(folder, "application_default_credentials.json") is var file && File.Exists(file)
            ? file
            : null;
    }

    /// <summary>The folder that gcloud keeps everything in; <see langword="null"/> when the person has no home.</summary>
    /// <param name="variables">The variables of the process.</param>
    public static string? GcloudFolder(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault("CLOUDSDK_CONFIG") is { Length: > 0 } folder ? folder
        : OperatingSystem.IsWindows() && variables.GetValueOrDefault("APPDATA") is { Length: > 0 } roaming ? Path.Combine(roaming, "gcloud")
        : variables.GetValueOrDefault("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config", "gcloud")
        : null;
}
